import { defineCommand } from '../command.ts';
import { date } from '../output/commits.ts';
import { pad } from '../output/safe.ts';

export const command = defineCommand({
  name: 'token ls',
  summary: 'List who has a token',
  examples: [['Everybody who has one', 'cwf token ls']],
  async run(_input, io) {
    const ctx = await io.open({ lazyCatalog: true });
    const { tokenLs } = await import('../../src/porcelain/token.ts');
    const out = await tokenLs.run(ctx, {});
    io.result('cwf.token.ls/1', out, () => {
      const widest = Math.max(0, ...out.tokens.map(({ actor }) => actor.length));
      for (const { actor, scope, created } of out.tokens)
        io.print(
          io.mode === 'porcelain'
            ? [actor, scope, created].join('\t')
            : `${pad(actor, widest)}  ${pad(scope, 'propose'.length)}  ${date({ timestamp: created, offset: 0 })}`,
        );
    });
    if (out.tokens.length === 0) io.note('No tokens; make one with `cwf token add`');
  },
});
