import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/porcelain/config.ts';
import { configuredRunners } from '../../src/porcelain/runners.ts';

const read = (runners: unknown) => parseConfig(JSON.stringify({ runners }), '.cwfrc');

describe('runners in .cwfrc', () => {
  test('[RN-20] are named, and have their token from the environment', async () => {
    const config = await read([
      { name: 'desk', url: 'http://127.0.0.1:8188' },
      { name: 'farm', url: 'https://farm.example/comfy', token_env: 'FARM_TOKEN' },
    ]);
    expect(configuredRunners(config, { FARM_TOKEN: 'x' }).map(({ name }) => name)).toEqual(['desk', 'farm']);
    expect(() => configuredRunners(config, {})).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('FARM_TOKEN') }),
    );
  });

  test.each([
    [[{ name: 'a' }], 'runners.0.url'],
    [[{ name: 'a', url: 'localhost' }], 'runners.0.url'],
    [[{ name: 'a', url: 'http://me:pw@host' }], 'runners.0.url'],
    [[{ name: 'a b', url: 'http://host' }], 'runners.0.name'],
    [[{ name: 'embedded', url: 'http://host' }], 'runners.0.name'],
    [[{ name: 'a', url: 'http://host', token_env: 'sk-12 3' }], 'runners.0.token_env'],
    [[{ name: 'a', url: 'http://host', port: 1 }], 'runners.0'],
    [
      [
        { name: 'a', url: 'http://host' },
        { name: 'a', url: 'http://other' },
      ],
      'runners',
    ],
    [{}, 'runners'],
  ])('[RN-20] %j is refused at %s', async (runners, at) => {
    const failed = await read(runners).catch((error) => error);
    expect(failed).toMatchObject({ code: 'CONFIG_INVALID' });
    expect(failed.data.reason.startsWith(`${at}: `)).toBe(true);
    expect(String(failed)).not.toContain('pw@');
  });
});
