import type { AllHosted, Hosted } from './hosted.js';

type Write = (line: string) => void;

/** What each launcher would take, and why not the rest. Whether all sources could be asked. */
export async function explainAll(hosted: AllHosted, write: Write): Promise<boolean> {
  return await ofEach(hosted, write, async ({ launcher }) => {
    for await (const { name, takes, reason, documents } of launcher.explain()) {
      const jobs = [...new Set(documents.flatMap(({ job }) => job ?? []))].join(', ');
      write(`  ${name}: ${takes ? `is taken${jobs && ` by job ${jobs}`}` : (reason?.message ?? '')}`);
    }
    return true;
  });
}

/** Tries everything on the real things. Whether nothing failed. */
export async function checkAll(hosted: AllHosted, write: Write): Promise<boolean> {
  return await ofEach(hosted, write, async ({ launcher }) => {
    const checks = await launcher.doctor();
    for (const { result, name, message = '' } of checks)
      write(`  ${result} ${name}${message && `: ${message}`}`);
    return checks.every(({ result }) => result !== 'failed');
  });
}

/** When each launcher runs next, so many times. */
export async function nextOfAll(hosted: AllHosted, count: number, write: Write): Promise<boolean> {
  return await ofEach(hosted, write, ({ entry: { schedule } }) => {
    const runs = schedule.nextRuns(count);
    for (const run of runs)
      write(`  ${run.toLocaleString('sv-SE', { timeZone: schedule.timeZone })} ${schedule.timeZone}`);
    if (runs.length === 0) write('  never');
    return true;
  });
}

/** One that cannot be asked does not keep the others from answering. */
async function ofEach(
  hosted: AllHosted,
  write: Write,
  ask: (hosted: Hosted) => boolean | Promise<boolean>,
): Promise<boolean> {
  let isWell = true;
  for (const one of hosted.launchers.values()) {
    write(one.title);
    try {
      isWell = (await ask(one)) && isWell;
    } catch (error) {
      write(`  failed: ${error instanceof Error ? error.message : String(error)}`);
      isWell = false;
    }
  }
  return isWell;
}
