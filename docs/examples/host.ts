// npm run host -- FILE: an administrator's scenario, run: a live table on a terminal, lines elsewhere.
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Service } from '@lanceur/core/service';
import { sqliteLedger } from '@lanceur/core/sqlite';
import { AllHosted } from './host/hosted.js';
import { readScenario } from './host/scenario.js';
import { tellIn } from './host/lines.js';
import { checkAll, explainAll, nextOfAll } from './host/questions.js';
import { makeSample } from './host/sample.js';
import { showOnScreen } from './host/screen.js';

const USAGE = `npm run host -- FILE              runs the launchers of a scenario until it is stopped
npm run host -- FILE --once       runs each of them once
npm run host -- FILE --explain    what each would take, and why not the rest; changes nothing
npm run host -- FILE --check      tries folders, servers, accounts and rights
npm run host -- FILE --next 10    when each runs next
npm run host -- --sample FOLDER   makes a scenario to try, with its folders and documents

Ctrl-C or SIGTERM stops when what is under way is finished; a second one cuts it off. SIGHUP reads the file again.
Exit codes: 0 all is well; 1 something failed, was rejected or could not be settled; 2 the file or the command is wrong; 3 a launcher hangs.`;

/** For scripts. */
const EXIT = { well: 0, failed: 1, wrong: 2, hung: 3 } as const;

const OPTIONS = {
  once: { type: 'boolean' },
  explain: { type: 'boolean' },
  check: { type: 'boolean' },
  next: { type: 'string' },
  sample: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;
type Command = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

interface Running {
  readonly service: Service;
  readonly hosted: AllHosted;
  readonly file: string;
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  if (values.sample !== undefined) {
    say(`Now try: npm run host -- ${await makeSample(resolve(values.sample))}`);
    return EXIT.well;
  }
  const [file] = positionals;
  if (file === undefined || values.help === true) {
    say(USAGE);
    return values.help === true ? EXIT.well : EXIT.wrong;
  }
  const scenario = await readScenario(file);
  const ledger = await sqliteLedger({ path: scenario.ledger });
  const hosted = new AllHosted(scenario, ledger);
  const service = new Service({ memory: ledger.memory('service') });
  for (const { entry } of hosted.launchers.values()) service.add(entry);
  const code = await carryOut(values, { service, hosted, file });
  // What hangs keeps its place; the next process takes up what it was about.
  if (code !== EXIT.hung) {
    await service.close();
    await hosted.close();
    await ledger.close();
  }
  return code;
}

async function carryOut(command: Command, running: Running): Promise<number> {
  const { hosted } = running;
  if (command.explain === true) return exitOf(await explainAll(hosted, say));
  if (command.check === true) return exitOf(await checkAll(hosted, say));
  if (command.next !== undefined) return exitOf(await nextOfAll(hosted, Number(command.next), say));
  return await (command.once === true ? once(running) : serve(running));
}

/** Each launcher once, all at the same time. */
async function once({ service, hosted }: Running): Promise<number> {
  const stopping = stopOnSignals(service);
  tellIn(service, hosted, say);
  const runs = await Promise.allSettled(
    [...hosted.launchers.keys()].map(async (id) => await service.runNow(id)),
  );
  if (stopping.hasBegun()) return await stopping.exit;
  return exitOf(
    runs.every(
      (run) =>
        run.status === 'fulfilled' &&
        run.value.failure === undefined &&
        run.value.rejected + run.value.notSettled === 0,
    ),
  );
}

/** Until a signal comes. */
async function serve(running: Running): Promise<number> {
  const { service, hosted } = running;
  const stopping = stopOnSignals(service);
  const endScreen = process.stdout.isTTY ? showOnScreen(service, hosted) : tellIn(service, hosted, say);
  if (process.platform !== 'win32') {
    process.on('SIGHUP', () => {
      void reload(running);
    });
  }
  service.startAll();
  const code = await stopping.exit;
  endScreen();
  return code;
}

async function reload({ service, hosted, file }: Running): Promise<void> {
  try {
    await hosted.reload(await readScenario(file), service);
  } catch (error) {
    complain(error);
  }
}

/** The first signal stops softly, the next one hard. */
function stopOnSignals(service: Service): { readonly exit: Promise<number>; hasBegun(): boolean } {
  let signals = 0;
  const exit = new Promise<number>((resolve) => {
    const stop = async (): Promise<void> => {
      signals++;
      if (signals === 1) complain('stopping when what is under way is finished; once more cuts it off');
      const hung = await service.stopAll({ hard: signals > 1 });
      if (hung.length > 0) complain(`hung, and left behind: ${hung.join(', ')}`);
      resolve(hung.length > 0 ? EXIT.hung : EXIT.well);
    };
    // Windows tells a program by SIGHUP and SIGBREAK that its console is closed.
    const windows = process.platform === 'win32' ? (['SIGHUP', 'SIGBREAK'] as const) : [];
    for (const signal of ['SIGTERM', 'SIGINT', ...windows] as const) process.on(signal, () => void stop());
  });
  return { exit, hasBegun: () => signals > 0 };
}

function exitOf(isWell: boolean): number {
  return isWell ? EXIT.well : EXIT.failed;
}

function complain(what: unknown): void {
  process.stderr.write(`${what instanceof Error ? what.message : String(what)}\n`);
}

// Who reads along may go away (`| head`, a log that is turned over): the documents go on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  const code = await main();
  // Nothing that hangs keeps the process; what it was about is taken up by the next one.
  if (code === EXIT.hung) process.exit(code);
  process.exitCode = code;
} catch (error) {
  complain(error);
  process.exitCode = EXIT.wrong;
}
