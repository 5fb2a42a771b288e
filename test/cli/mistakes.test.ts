import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../cli/commands/index.ts';
import { TOPICS } from '../../cli/topics.ts';
import { sharedVictim, victim } from '../hostile/victim.ts';
import { png, text as pngText } from '../io/media/images.ts';
import { cwf, inTemp } from './cwf.ts';

/** One mistake of a new user: the words, the exit code, and what the answer must say. */
type Mistake = readonly [words: string, exit: number, ...pieces: string[]];

const MISTAKES: readonly Mistake[] = [
  // no such command, flag or argument
  ['comit', 2, 'no command comit', 'Did you mean: commit?'],
  ['bisect', 2, 'cwf bisect: say what to do', 'bisect start'],
  ['note', 2, 'cwf note: say what to do', 'note add'],
  ['-C . op frob', 2, 'no command op frob', 'op log'],
  ['help bisekt', 2, 'no command bisekt', 'Did you mean: bisect?'],
  ['checkout main', 2, 'no command checkout', 'cwf switch', 'cwf restore'],
  ['add ok.json', 2, 'no command add', 'cwf commit'],
  ['push', 2, 'no command push', 'git push'],
  ['log --frobnicate', 2, 'unknown option --frobnicate', 'cwf help log'],
  ['log --skip -1', 2, '--skip'],
  ['log -n many', 2, '--limit: expected an integer', 'many'],
  ['fsck x', 2, 'unexpected argument x'],
  ['completion fsh', 2, 'fsh', 'bash, zsh, fish'],
  ['version x', 2, 'unexpected argument x'],
  ['demo x', 2, 'unexpected argument x'],
  ['op show', 2, '<operation> is missing', 'cwf help op show'],
  ['git', 2, 'cwf git: say what to do', 'git install'],
  ['git status', 2, 'no command git status', 'git install'],
  ['git install --global --shared', 2, '--global and --shared exclude each other'],
  ['git uninstall x', 2, 'unexpected argument x'],
  ['git clean a.json b.json', 2, 'unexpected argument b.json'],
  ['git textconv', 2, '<file> is missing'],
  ['git textconv p.json', 5, 'p.json: no such file'],
  ['git merge-driver', 2, '<base> is missing'],
  ['git diff-driver', 2, '<words> is missing'],
  ['git filter-process x', 2, 'unexpected argument x'],
  ['git pre-commit x', 2, 'unexpected argument x'],
  ['validate', 2, 'cwf validate: name a file, or say --jsonl'],
  ['metric', 2, 'cwf metric: say what to do', 'metric run'],
  ['metric ls sharpnes', 5, 'no metric sharpnes', 'sharpness'],
  ['metric run', 2, '<files> is missing', 'cwf help metric run'],
  ['metric run p.png', 5, 'p.png: no such file'],
  ['metric run .', 1, '.: cannot be read', 'plain file'],
  ['metric run ok.json', 3, 'ok.json: not a readable image', 'PNG'],
  ['metric run photo.png --metric sharpnes', 5, 'no metric sharpnes', 'sharpness'],
  ['metric run photo.png --compare ok.json', 3, 'ok.json: not a readable image'],
  ['metric run photo.png photo.png --note HEAD', 2, '--note takes the numbers of one file'],
  ['metric run photo.png --note nope', 5, 'no revision nope'],
  ['optimize ok.json --for speed', 2, 'say how many trials', '--budget'],
  ['optimize ok.json --budget 3', 2, 'say what is good', '--objective'],
  ['optimize ok.json --budget 3 --for speed --sampler bayes', 2, '--sampler: no bayes', 'gp, tpe'],
  ['optimize ok.json --budget 3 --for speed --pruner median', 2, '--repeats'],
  ['optimize ok.json --budget 3 --for quality', 3, 'objective quality', '--objective sharpness:max'],
  ['optimize ok.json --budget 3 --objective sharpnes:max', 5, 'no metric sharpnes', 'sharpness'],
  ['optimize ok.json --budget 3 --objective sharpness:up', 3, 'up is neither max nor min'],
  ['optimize ok.json --budget 3 --objective psnr:max', 3, 'it needs a reference'],
  ['optimize ok.json --budget 3 --for size', 2, '--for: size is none of quality, speed, vram'],
  ['optimize ok.json --budget 3 --for speed,speed', 2, '--for names a goal twice'],
  ['optimize ok.json --budget 3 --for speed:0,vram', 3, '0 is no weight'],
  ['optimize ok.json --budget 3 --for vram', 3, 'the embedded engine has no graphics memory'],
  ['optimize ok.json --budget 3 --for speed --only stps', 3, 'parameter stps', 'steps'],
  ['optimize ok.json --budget 3 --for speed --fix steps', 2, '--fix: steps is no <name>=<value>'],
  ['optimize ok.json --budget 3 --for speed --fix steps=many', 3, 'many is no number'],
  ['optimize ok.json --budget 3 --for speed --vram much', 2, '--vram: much is no size'],
  ['optimize ok.json --budget 3 --for speed --limit latency', 3, 'limit latency: it is no <name>:<value>', '10s'],
  ['optimize ok.json --budget 3 --for speed --limit latency:soon', 3, 'soon is no time such as 10s'],
  ['optimize ok.json --budget 3 --objective sharpness:max:much', 3, 'much is no weight'],
  ['optimize ok.json --budget 3 --for speed --fidelity steps', 3, 'no fidelity steps', 'latency of a cheaper run'],
  ['optimize ok.json --budget 3 --for speed --pruner asha', 3, 'images: it needs --repeats', '--fidelity images'],
  ['optimize ok.json --budget 3 --for speed --fidelity steps --pruner median', 2, 'needs asha or hyperband'],
  ['optimize ok.json --budget 3 --for speed --money 0', 2, '--money: 0 is no amount over 0'],
  ['optimize ok.json --budget 3 --for speed --name A/B', 2, 'A/B: no name for a study'],
  ['optimize p.json --budget 3 --for speed', 5, 'p.json: no such file'],
  ['exp', 2, 'cwf exp: say what to do', 'exp ls'],
  ['exp ls x', 2, 'unexpected argument x'],
  ['exp show nope', 5, 'no study nope', 'cwf optimize'],
  ['exp resume nope', 5, 'no study nope'],
  ['exp stop nope', 5, 'no study nope'],
  ['exp confirm nope', 5, 'no study nope'],
  ['exp confirm s --seeds 0', 2, '--seeds'],
  ['exp explain nope', 5, 'no study nope'],
  ['exp plot nope', 5, 'no study nope'],
  ['exp compare nope', 2, '<b> is missing'],
  ['exp promote nope', 5, 'no trial nope', '<study>/<number>'],
  ['exp apply nope/3', 5, 'no study nope'],
  ['run nope', 5, 'no revision nope'],
  ['run p.json', 5, 'p.json: no such file'],
  ['run HEAD:p.json', 5, 'p.json: no such file in HEAD'],
  ['run a b', 2, 'one workflow is run', '--all'],
  ['run --all', 2, '--all: name revisions'],
  ['run --again', 2, '--again belongs to --all'],
  ["run --all 'study/*'", 5, 'no branch or tag fits', 'cwf branch'],
  ['run --set 3.steps', 2, '--set: 3.steps is no <node>.<input>=<value>'],
  ['run --set 33.steps=3', 5, '33', 'ok.json'],
  ['run --seed many', 2, '--seed: many is neither a whole number nor random'],
  ['run --on desk', 5, 'no runner desk; there are: embedded', '.cwfrc'],
  ['run --on ftp://x', 5, 'no runner ftp://x'],
  ['run --on http://a:b@127.0.0.1', 2, 'name or password'],
  ['run --metric sharpnes', 5, 'no metric sharpnes', 'sharpness'],
  ['run --metric sharpness --no-metrics', 2, '--metric and --no-metrics exclude each other'],
  ['run --timeout 0', 2, '--timeout: expected an integer'],
  ['run', 3, 'the embedded engine does not run CLIPTextEncode, CheckpointLoaderSimple', 'ComfyUI server'],
  ['run ls x', 2, 'unexpected argument x'],
  ['run ls --limit 0', 2, '--limit: expected an integer'],
  ['runner', 2, 'cwf runner: say what to do', 'runner ls'],
  ['runner ls --on desk', 5, 'no runner desk; there are: embedded', '.cwfrc'],
  ['reproduce nope', 5, 'no revision nope'],
  ['reproduce', 5, 'nothing to make again at HEAD: no run of it is noted', 'cwf run HEAD'],
  ['reproduce p.png', 5, 'p.png: no such file'],
  ['reproduce photo.png', 5, 'photo.png: nothing here is known to have made it'],
  ['reproduce sha256:0123abcd', 5, 'no output sha256:0123abcd'],
  ['reproduce --run 1a2b', 5, 'no run 1a2b', 'No run is noted there'],
  ['reproduce --tolerance much', 2, '--tolerance is a share of the pixels'],
  ['reproduce --repeat 0', 2, '--repeat: expected an integer'],
  ['engine x', 2, 'unexpected argument x'],
  ['engine --port 70000', 2, '--port: expected an integer', '65535'],
  ['engine --output ok.json', 1, 'ok.json: cannot be written', '--output'],
  ['mcp --scope admin', 2, 'Expected --scope=admin to be one of: read, propose, write'],
  ['mcp --actor person', 2, 'no actor: person', 'agent/<name> or tool/<name>'],
  ['serve x', 2, 'unexpected argument x'],
  ['serve --port 70000', 2, '--port: expected an integer', '65535'],
  ['serve --no-open --host 0.0.0.0', 2, '0.0.0.0 can be reached from other machines', 'cwf token add'],
  ['serve --no-open --allow-host http://x', 2, 'no host: http://x', 'without a scheme'],
  ['token', 2, 'cwf token: say what to do', 'token add'],
  ['token add', 2, '<actor> is missing'],
  ['token add nobody', 2, 'no actor: nobody', 'agent/<name>'],
  ['token add agent/x --scope write', 2, "an agent's token is for read or propose"],
  ['token add agent/x --scope all', 2, '--scope', 'read, propose, write, admin'],
  ['token ls x', 2, 'unexpected argument x'],
  ['token rm agent/x', 5, 'agent/x has no token', 'cwf token ls'],
  ['repair', 2, 'cwf repair: name a file, or say --jsonl'],
  ['repair --agent lynk ok.json', 2, 'no agent lynk; there are: link, parameter, structural'],
  ['repair --min-confidence much ok.json', 2, '--min-confidence: expected a number from 0 to 1'],
  ['repair p.json', 5, 'p.json: no such file'],
  ['repair ok.json --model', 2, 'no language model is configured', '.cwfrc'],
  ['repair --model', 2, 'name a file', 'cwf help repair'],
  ['edit', 2, '<file> is missing'],
  ['edit ok.json', 2, 'say what to do: add-node', '--ops <file>'],
  ['edit ok.json insert-lor x', 2, 'no transform insert-lor', 'Did you mean: insert-lora'],
  ['edit ok.json connect 4.MODEL', 2, 'connect: to is missing', '<from>, <to>'],
  ['edit ok.json connect 4.MODEL 3.model 5', 2, 'connect: unexpected word 5'],
  ['edit ok.json add-node KSampler steps=3', 2, 'write --set steps=3'],
  ['edit ok.json add-node KSampler --set steps', 2, '--set takes <input=value>'],
  ['edit ok.json connect 4.MODEL 3.model --strength 2', 2, 'connect: no argument --strength'],
  ['edit ok.json set 3.steps 5 --out smaller.txt', 2, 'smaller.txt does not end in .json'],
  ['edit ok.json --ops ops.json set 3.steps 5', 2, '--ops takes the place of a transform'],
  ['connect ok.json', 2, '--plan', '--apply <number>'],
  ['connect --plan ok.json --min-confidence 2', 2, '--min-confidence: expected a number from 0 to 1'],
  ['connect --apply sure ok.json', 2, '--apply: expected a number from 0 to 1'],
  ['connect --plan p.json', 5, 'p.json: no such file'],
  ['connect ok.json --apply 0.5', 1, 'nothing fits an open input', 'cwf connect --plan'],
  // a wrong file
  ['edit p.json set 3.steps 5', 5, 'p.json: no such file'],
  ['edit ok.json --ops p.json', 5, 'p.json: no such file'],
  ['commit message', 5, 'message: no such file', 'after -m'],
  ['commit p.json', 5, 'p.json: no such file'],
  ['diff p.json', 5, 'p.json: no such file'],
  ['diff p', 5, 'no revision p', 'no file here, either'],
  ['diff HEAD~1 p.json', 5, 'p.json: no such file'],
  ['log ok.json', 5, 'no revision ok.json', 'cwf log -- ok.json'],
  ['show ok.json', 5, 'no revision ok.json', 'cwf show HEAD:./ok.json'],
  ['show HEAD:p.json', 5, 'p.json: no such file in HEAD'],
  ['blame p.json', 5, 'p.json: no such file in HEAD'],
  ['restore p.json', 5, 'p.json: no such file in HEAD'],
  ['switch ok.json', 5, 'no revision ok.json', 'cwf restore ok.json'],
  ['convert p.json --to api', 5, 'p.json: no such file'],
  ['import p.png', 5, 'p.png: no such file'],
  ['import photo.png', 5, 'photo.png: no workflow in this PNG', 'ComfyUI'],
  ['import ok.json', 4, 'ok.json: exists already', '--as'],
  ['import photo.png --as photo.png', 5, 'no workflow'],
  ['init nowhere', 5, 'nowhere: no such folder'],
  ['-C nowhere status', 5, 'nowhere: no such folder'],
  // a wrong node, input or value
  ['edit ok.json set 3.step 5', 5, 'node 3 (KSampler) has no input step', 'steps'],
  ['edit ok.json set 3.steps 0', 3, '3.steps: 0 is below 1', 'Nearest: 1', '--force'],
  ['edit ok.json remove CLIPTextEncode', 2, 'names 2 nodes: 6, 7'],
  ['edit ok.json add-node KSamplr', 5, 'KSamplr', 'Did you mean: KSampler'],
  ['edit ok.json connect 4.VAE 3.model', 3, 'gives VAE, and MODEL is taken', 'What fits: 4.MODEL'],
  ['edit ok.json disconnect 3.steps', 3, 'nothing feeds 3.steps'],
  ['edit ok.json disconnect 3.model --strict', 3, 'the change brings an error', 'Without --strict'],
  ['edit ok.json set 3.steps 30', 1, 'the workflow is what it was'],
  ['set ok.json 3.step 5', 5, 'node 3 (KSampler) has no input step', 'steps'],
  ['set ok.json 33.steps 5', 5, 'no node 33', 'KSampler'],
  ['set ok.json CLIPTextEncode.text x', 2, 'names 2 nodes: 6, 7'],
  ['set ok.json steps 5', 2, 'no dot between node and input'],
  ['set ok.json 3.steps=5', 2, 'write 3.steps=5 as two words: 3.steps 5'],
  ['set ok.json 3.steps', 2, '3.steps has no value'],
  ['set 3.steps 5', 2, '3.steps is no workflow file'],
  ['set ok.json 3.steps many', 3, 'many is not JSON, and the value is a number'],
  ['set ok.json 3.steps 30', 1, 'the workflow is what it was'],
  ['set ok.json 3.model x', 3, 'fed by a link from node 4'],
  ['blame ok.json 3.steps', 5, 'no revision 3.steps', 'cwf blame ok.json -i 3.steps'],
  ['blame ok.json -i 3.step', 5, 'has no input step', 'steps'],
  ['restore ok.json --input 3.step', 5, 'has no input step', 'steps'],
  // proposals and protected branches
  ['review', 2, 'cwf review: say what to do', 'review list'],
  ['review list x', 2, 'unexpected argument x'],
  ['review show', 2, '<proposal> is missing', 'cwf help review show'],
  ['review show nope', 5, 'no proposal nope', 'cwf review list --all'],
  ['review approve main', 5, 'no proposal main'],
  ['review request-changes', 2, '<proposal> is missing'],
  ['review reject 12345678', 5, 'no proposal 12345678'],
  ['review merge side', 5, 'no proposal side'],
  ['review checks 12345678 --on desk', 2, 'say --run'],
  ['review checks 12345678 --run --money much', 2, 'much is no amount over 0'],
  ['review comment 12345678', 2, '<words> is missing'],
  ['review comment 12345678 ok.json 3.steps too many', 2, 'too many words: put the text in quotes'],
  ['review checks 12345678', 5, 'no proposal 12345678'],
  ['propose', 3, 'main would go into itself', '--from-working-tree'],
  ['propose nope', 5, 'no revision nope'],
  ['propose HEAD~1', 1, 'nothing to propose: main has every commit', '--from-working-tree'],
  ['propose --from-working-tree', 1, 'nothing to commit'],
  ['protect main --require approvals=many', 2, 'approvals are a whole number, not many'],
  ['protect main --require signoff=1', 2, 'signoff=1 is no demand', 'approvals=<number>'],
  ['protect main --require checks=frob', 2, 'no check frob; there are: validate, reach'],
  ['protect --remove', 2, 'which branch?'],
  ['protect --remove side', 5, 'no rule side'],
  ['protect refs/heads/main', 2, 'a branch goes by its short name'],
  ['protect main --require approvals=1 --actor agent/x', 10, 'agent/x may not change the rules'],
  ['set ok.json 3.steps 5 --proposal 12345678', 5, 'no proposal 12345678'],
  ['edit ok.json set 3.steps 5 --propose --out x.json', 2, '--out proposes nothing'],
  // a wrong revision, branch, tag or operation
  ['log nope', 5, 'no revision nope', 'cwf log'],
  ['merge nope', 5, 'no revision nope'],
  ['switch -c x --detach', 2, 'create and detach exclude each other'],
  ['switch nope', 5, 'no revision nope', 'cwf switch -c nope'],
  ['restore -s nope ok.json', 5, 'no revision nope'],
  ['revert nope', 5, 'no revision nope'],
  ['revert HEAD -m 2', 5, '1 parent'],
  ['cherry-pick nope', 5, 'no revision nope'],
  ['branch -d nope', 5, 'no revision nope', 'cwf branch'],
  ['branch -D main', 4, 'main is the branch you are on', 'cwf switch'],
  ['branch -m nope new', 5, 'no revision nope', 'cwf branch'],
  ['branch new nope', 5, 'no revision nope'],
  ['tag -d nope', 5, 'no revision nope', 'cwf tag'],
  ['tag v1 nope', 5, 'no revision nope'],
  ['note add HEAD~50 --metric a=1', 5, 'no revision HEAD~50'],
  ['note add a=1', 5, 'no revision a=1', '--metric a=1'],
  ['note add --metric a', 2, 'a is no <name>=<number>'],
  ['note add --metric a=one', 2, 'the value of a is not a finite number'],
  ['note add', 2, 'neither a metric nor a text'],
  ['note show nope', 5, 'no revision nope'],
  ['note list x', 2, 'unexpected argument x'],
  ['output', 2, 'cwf output: say what to do', 'output add'],
  ['output add', 2, '<file> is missing'],
  ['output add nope.png', 5, 'nope.png: no such file'],
  ['output add ok.json --on nope', 5, 'no revision nope'],
  ['output ls nope', 5, 'no revision nope'],
  ['output export', 2, '<output> is missing'],
  ['output export sha256:0123 x.png', 5, 'no output sha256:0123', 'cwf output ls'],
  ['output export best.png x.png', 5, 'no output best.png', 'cwf output ls'],
  ['output verify x', 2, 'unexpected argument x'],
  ['output gc --max-gb many', 2, '--max-gb: many is no number above 0'],
  ['output gc --keep some', 2, '--keep', 'all, noted'],
  ['space', 2, '<file> is missing'],
  ['space p.json', 5, 'p.json: no such file'],
  ['space ok.json --for beauty', 2, '--for', 'quality, speed, vram'],
  ['space ok.json --space s.yaml', 5, 's.yaml: no such file'],
  ['space ok.json --space ok.json', 3, 'ok.json:2: 3: no such field', 'parameters'],
  ['space ok.json --with 3.step', 5, 'has no input step', 'steps'],
  ['space ok.json --with 9.filename_prefix', 3, 'no other value', '--with'],
  ['space ok.json --space s.yaml --for speed', 2, 'leave --for and --with away'],
  ['rank', 2, 'two candidates are compared, not 0', 'cwf help rank'],
  ['rank HEAD HEAD~1', 2, 'which one is better is not said', '--winner'],
  ['rank HEAD nope --winner a', 5, 'no revision nope', 'sha256:'],
  ['rank HEAD main --winner a', 2, 'a candidate stands twice'],
  ['rank --of HEAD HEAD~1', 2, 'which one is best is not said', '--best'],
  ['rank --best HEAD', 2, 'at least two candidates'],
  ['rank HEAD HEAD~1 --winner HEAD', 2, '--winner', 'a, b, tie'],
  ['rank HEAD sha256:0123 --winner a', 5, 'no output sha256:0123'],
  ['rank next', 2, 'no candidates to ask about', '--among'],
  ['rank next --among HEAD', 2, '1 candidate', '--among'],
  ['rank show x', 2, 'unexpected argument x'],
  ['op show nope', 5, 'no operation nope', 'cwf op log'],
  ['op restore nope', 5, 'no operation nope', 'cwf op log'],
  ['op log -n x', 2, 'expected an integer'],
  ['undo --op nope', 5, 'no operation nope', 'cwf op log'],
  ['status nope/../..', 3, 'outside of the repository'],
  // not now
  ['redo', 1, 'there is nothing to redo'],
  ['commit', 1, 'nothing to commit', 'cwf status'],
  ['bisect good', 1, 'no bisection is under way', 'cwf bisect start'],
  ['bisect bad', 1, 'no bisection is under way', 'cwf bisect start'],
  ['bisect skip', 1, 'no bisection is under way', 'cwf bisect start'],
  ['bisect next', 1, 'no bisection is under way', 'cwf bisect start'],
  ['bisect log', 1, 'no bisection is under way', 'cwf bisect start'],
  ['bisect reset', 1, 'no bisection is under way', 'cwf bisect start'],
  ['bisect run -- true', 1, 'no bisection is under way', 'cwf bisect start'],
  ['conflicts', 1, 'no merge waits', 'cwf merge'],
  ['resolve 1 --ours', 1, 'no merge waits', 'cwf merge'],
  ['resolve 1', 2, '--ours', '--theirs'],
  ['merge --abort', 1, 'no merge waits', 'cwf merge'],
  ['bisect run true', 2, 'cwf bisect run -- true'],
  ['bisect run --metric sharpness', 2, '--below', '--above'],
  ['bisect run --metric sharpness --below much', 2, 'much is no number'],
  ['bisect run --image-differs 2', 2, 'from 0 to 1'],
  ['bisect start HEAD HEAD', 1, 'good and bad at once', 'older'],
  ['bisect start HEAD~1 HEAD', 1, 'not older than the bad', 'swap'],
];

describe('a mistake is answered with what is wrong and the next step', () => {
  const shared = sharedVictim();

  it.each(MISTAKES.map(([words, exit, ...pieces]) => ({ words, exit, pieces })))(
    'cwf $words',
    ({ words, exit, pieces }) => {
      shared.it.write('photo.png', png(pngText('parameters', 'Steps: 20')));
      shared.it.refused(words.split(' '), exit, pieces);
      expect(shared.it.run(['status']).stdout).not.toContain('under way');
    },
  );

  it('for every command there is one', () => {
    const said = MISTAKES.map(([words]) => words.replace(/^-C \S+ /, ''));
    const missing = Object.keys(COMMANDS).filter(
      (name) => name !== '__complete' && !said.some((words) => words === name || words.startsWith(`${name} `)),
    );
    expect(missing).toEqual([]);
  });

  it('with changes that are not committed', () =>
    victim((it) => {
      it.done('switch', '-c', 'other', 'HEAD~1');
      it.done('set', 'ok.json', '3.steps', '40');
      it.write('ok.json', it.read('ok.json').replace('40', '41'));
      for (const args of [
        ['merge', 'main', '-X', 'theirs'],
        ['switch', 'main'],
        ['revert', 'HEAD'],
        ['set', 'ok.json', '3.cfg', '5'],
        ['bisect', 'start', 'main', 'HEAD'],
      ])
        it.refused(args, 4, ['ok.json: has changes that are not committed', 'cwf commit', 'cwf restore']);
      it.refused(['undo'], 4, ['ok.json was changed meanwhile', 'commit your own change']);
    }));

  it('in a folder that is in no repository, and in an empty history', () =>
    inTemp((dir) => {
      for (const args of [['status'], ['commit'], ['undo'], ['fsck'], ['bisect', 'start']])
        expect(cwf(dir, args)).toMatchObject({ code: 5, stderr: expect.stringContaining('`cwf init`') });
      cwf(dir, ['init']);
      expect(cwf(dir, ['undo'])).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing to undo') });
      for (const args of [['commit'], ['status']]) {
        const { stdout, stderr } = cwf(dir, args);
        expect(stdout + stderr).toContain('cwf import');
      }
      const { stderr } = cwf(dir, ['-C', '.', 'log', '--', 'x.json']);
      expect(stderr).toBe('No commit yet; make one with `cwf commit`\n');
    }));
});

it('help says of every topic what it is about, not what one of its commands does', () => {
  const topics = [...new Set(Object.keys(COMMANDS).flatMap((name) => name.split(' ').slice(0, -1)))];
  expect(Object.keys(TOPICS).sort()).toEqual(topics.sort());
  return inTemp((dir) => {
    const help = cwf(dir, ['help']).stdout;
    for (const [name, { description }] of Object.entries(TOPICS)) {
      expect(help).toContain(`  ${name.padEnd(6)}  ${description}\n`);
      expect(cwf(dir, ['help', name]).stdout).toMatch(new RegExp(`^${description}\n`));
    }
  });
});
