import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJson } from '../../src/base/json-parse.ts';
import { defaultCatalog } from '../../src/core/catalog/catalog.ts';
import { convertToApi } from '../../src/core/convert/convert.ts';
import { fileOrder } from '../../src/core/convert/renumber.ts';
import { detectFormat, readWorkflow } from '../../src/core/workflow/read.ts';
import { type BenchContext, type Figure, figure } from '../figure.ts';
import { interleaved, median } from '../measure.ts';
import { timeProgram } from '../programs.ts';

const ROUNDS = 5;
const BAR = 3000;
/** What stands in for the official templates where they are not at hand: as many files of a typical one. */
const FILES = 644;

/** Converting all official templates to API format: inside one process, and by the built program with its writing. */
export async function figures(ctx: BenchContext): Promise<Figure[]> {
  const { files, source } = workflows(ctx);
  const catalog = defaultCatalog();
  const convertAll = (): undefined => {
    for (const file of files) {
      const json = parseJson(readFileSync(file), { source: file });
      const workflow = readWorkflow(json, { catalog, source: file });
      convertToApi(workflow, catalog, { order: fileOrder(json), now: new Date(0), choose: () => 0 });
    }
    return undefined;
  };
  const program = (): number => {
    const out = join(ctx.temp(), 'out');
    const bin = join(ctx.root, 'bin/cwf.cjs');
    const args = [bin, 'convert', ...files, '--to', 'api', '--out', out, '-q'];
    // 3: some templates hold nodes of newer classes whose values have no names.
    return timeProgram(process.execPath, args, ctx.root, process.env, [0, 3]);
  };
  const times = await interleaved({ inside: convertAll, program }, ROUNDS);
  const common = { suite: 'convert', unit: 'ms', against: `${files.length} files, ${source}`, bar: BAR };
  return [
    figure({ ...common, name: 'read and convert, one process', value: median(times.inside) }),
    figure({ ...common, name: 'cwf convert <files> --out <folder>', value: median(times.program) }),
  ];
}

function workflows(ctx: BenchContext): { files: string[]; source: string } {
  const templates = join(process.env['CWF_CORPUS'] ?? join(ctx.root, '../shared/data'), 'templates');
  if (!existsSync(templates)) {
    const one = join(ctx.root, 'bench/fixtures/typical-ui-workflow.json');
    const dir = ctx.temp();
    const copies = Array.from({ length: FILES }, (_, at) => join(dir, `${at}.json`));
    for (const copy of copies) copyFileSync(one, copy);
    return { files: copies, source: 'copies of a typical workflow' };
  }
  const all = readdirSync(templates).map((name) => join(templates, name));
  const isUi = (file: string) => detectFormat(parseJson(readFileSync(file), { source: file })) === 'ui';
  return { files: all.filter(isUi), source: 'the official templates' };
}
