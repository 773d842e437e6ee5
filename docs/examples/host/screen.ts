import logUpdate from 'log-update';
import type { Service } from '@lanceur/core/service';
import type { AllHosted } from './hosted.js';
import { tableOf } from './table.js';

/** A run is given a bar once it has taken so long. */
const LONG_MS = 2_000;

/** Draws the table again every second, and whenever a run has ended. What it returns draws it a last time. */
export function showOnScreen(service: Service, hosted: AllHosted): () => void {
  const draw = (): void => {
    const now = Date.now();
    const shown = service.states().map((state) => {
      const { title = state.id, progress } = hosted.launchers.get(state.id) ?? {};
      const isLong = state.runningSince !== undefined && now - state.runningSince > LONG_MS;
      return { title, state, ...(isLong && progress && { progress: String(progress) }) };
    });
    logUpdate(tableOf(shown, now, process.stdout.columns));
  };
  service.on('runEnded', draw);
  const timer = setInterval(draw, 1_000);
  draw();
  return () => {
    clearInterval(timer);
    service.off('runEnded', draw);
    draw();
    logUpdate.done();
  };
}
