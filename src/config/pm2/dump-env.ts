/**
 * Which variables of a PM2 process its app declared. PM2 keeps them in one heap with the shell's
 * and its own, so what is certainly not the app's is taken away, and the rest stays.
 */

type Fields = Readonly<Record<string, unknown>>;

/** PM2's, Node's and those that every shell, terminal or session has. */
const notTheApps =
  /^(?:PM2_\w*|PM2|pm_\w+|axm_\w+|unique_id|NODE_APP_INSTANCE|NODE_CHANNEL_\w+|NODE_UNIQUE_ID|PWD|OLDPWD|SHLVL|_|SHELL|HOME|USER|LOGNAME|USERNAME|PATH|LANG|LANGUAGE|LC_\w+|TERM|TERM_\w+|COLORTERM|COLUMNS|LINES|MAIL|HOSTNAME|HOSTTYPE|EDITOR|VISUAL|PAGER|LESS\w*|LS_COLORS|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_\w+|DBUS_\w+|SSH_\w+|GPG_\w+|SUDO_\w+|TMUX\w*|STY|WINDOW|PS1|PROMPT_COMMAND|HIST\w+|NVM_\w+|FNM_\w+|VOLTA_\w+|ASDF_\w+|npm_\w+|INIT_CWD|JOURNAL_STREAM|INVOCATION_ID|SYSTEMD_\w+|MANAGERPID|DEBIAN_FRONTEND|WSL\w*|VSCODE_\w+)$/;

const isText = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

export const envOf = (
  entry: Fields,
  ambient: Readonly<Record<string, string | undefined>>,
): Record<string, string> => {
  const { env } = entry;
  if (typeof env !== 'object' || env === null) return {};
  return Object.fromEntries(
    Object.entries(env)
      // PM2 adds one with the name of the app.
      .filter(([name, value]) => isText(value) && name !== entry['name'] && !notTheApps.test(name))
      .filter(([name, value]) => ambient[name] !== String(value))
      .map(([name, value]) => [name, String(value)]),
  );
};
