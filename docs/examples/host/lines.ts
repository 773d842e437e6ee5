import { printable, whatToDo, type Reason } from '@lanceur/core';
import type { RunSummary, Service } from '@lanceur/core/service';
import type { AllHosted } from './hosted.js';
import { leftBecause } from './table.js';

/** One line for each thing that an operator has to know, for where there is no terminal: a log, a service manager. */
export function tellIn(service: Service, hosted: AllHosted, write: (line: string) => void): () => void {
  const tell = (id: string, text: string): void => {
    write(`${new Date().toISOString()} ${hosted.titleOf(id)}: ${text}`);
  };
  /** What a launcher has said last: a poll that says the same again says nothing. */
  const said = new Map<string, string>();

  service.on('started', ({ id, nextRunAt }) => {
    tell(
      id,
      nextRunAt === undefined ? 'started' : `started, runs next at ${new Date(nextRunAt).toISOString()}`,
    );
  });
  service.on('runEnded', ({ id, run, report }) => {
    const text = summary(run);
    if (run.taken + run.rejected > 0 || text !== said.get(id)) tell(id, text);
    said.set(id, text);
    for (const { ref, is, reason } of report?.ended ?? []) {
      if (is !== 'accept' && reason !== undefined)
        tell(id, `${is} ${printable(ref.name)}: ${worded(reason)}`);
    }
  });
  for (const event of ['silent', 'stalled', 'hung', 'reloadFailed', 'error'] as const) {
    service.on(event, ({ id, reason }) => {
      tell(id, `${event}: ${worded(reason)}`);
    });
  }
  for (const event of ['recovered', 'heard', 'reloaded', 'over', 'stopped'] as const) {
    service.on(event, ({ id }) => {
      tell(id, event);
    });
  }
  return () => undefined;
}

function summary(run: RunSummary): string {
  const parts = [
    `taken ${String(run.taken)} (${String(run.documents)} documents, ${String(run.bytes)} bytes)`,
    `rejected ${String(run.rejected)}`,
    ...(run.notSettled > 0 ? [`not settled ${String(run.notSettled)}`] : []),
    run.left.length === 0 ? 'left nothing' : `left ${leftBecause(run)}`,
  ];
  if (run.failure !== undefined) parts.unshift(`failed: ${worded(run.failure)}`);
  if (run.stopped) parts.unshift('stopped');
  return parts.join('; ');
}

function worded({ code, message }: Reason): string {
  const todo = whatToDo(code);
  return todo === undefined ? message : `${message}. ${todo}`;
}
