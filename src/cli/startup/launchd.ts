/** The property list for launchd(8) of macOS. */
import type { BootService } from './boot-service.ts';
import { MARK, OPEN_FILES, RESURRECT, STOP_WITHIN_SECONDS } from './boot-service.ts';

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const text = (value: string): string => `<string>${escaped(value)}</string>`;

export const launchdPlist = ({ name, user, home, path, node, bin }: BootService): string =>
  [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">',
    `<!-- ${MARK} -->`,
    '<plist version="1.0">',
    '<dict>',
    `  <key>Label</key>${text(name)}`,
    '  <key>ProgramArguments</key>',
    `  <array>${[node, bin, ...RESURRECT].map(text).join('')}</array>`,
    ...(user === null ? [] : [`  <key>UserName</key>${text(user)}`]),
    '  <key>EnvironmentVariables</key>',
    `  <dict><key>SKEIN_HOME</key>${text(home)}<key>PATH</key>${text(path)}</dict>`,
    '  <key>RunAtLoad</key><true/>',
    // After a failure, and not after an orderly end.
    '  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>',
    `  <key>ExitTimeOut</key><integer>${STOP_WITHIN_SECONDS}</integer>`,
    `  <key>SoftResourceLimits</key><dict><key>NumberOfFiles</key><integer>${OPEN_FILES}</integer></dict>`,
    '</dict>',
    '</plist>',
    '',
  ].join('\n');
