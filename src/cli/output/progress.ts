/** How far operations are, while a person waits: one line on stderr, only on a terminal. */
import type { Operation } from '../../protocol/control.ts';
import type { Output } from '../context.ts';

export interface Progress {
  update(operation: Operation): void;
  /** Takes the line away. */
  end(): void;
}

const silent: Progress = { update: () => {}, end: () => {} };

export const showProgress = async (output: Output): Promise<Progress> => {
  if (output.isTTY !== true) return silent;
  const { default: ora } = await import('ora');
  // With discardStdin ora would take Ctrl-C from the terminal and have to give it back.
  const spinner = ora({ stream: output as unknown as NodeJS.WriteStream, discardStdin: false }).start();
  const running = new Map<string, string>();
  return {
    update({ id, app, progress, state }) {
      if (state === 'running') running.set(id, `${app}: ${progress}`);
      else running.delete(id);
      spinner.text = [...running.values()].join(' · ').slice(0, (output.columns ?? 80) - 4);
    },
    end() {
      spinner.stop();
    },
  };
};
