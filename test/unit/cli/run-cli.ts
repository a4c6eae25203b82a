/** Runs a command line in this process and gives back what a shell would see. */
import type { Home } from '../../../src/os/home.ts';
import type { Output } from '../../../src/cli/context.ts';
import { main } from '../../../src/cli/main.ts';

export interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const capture = (): Output & { text: string } => ({
  text: '',
  write(chunk) {
    this.text += chunk;
  },
});

export const runCli = async (
  home: Home,
  words: readonly string[],
  cwd: string = home.dir,
): Promise<Result> => {
  const stdout = capture();
  const stderr = capture();
  const code = await main(words, { home, cwd, env: { PATH: process.env['PATH'] }, stdout, stderr });
  return { code, stdout: stdout.text, stderr: stderr.text };
};
