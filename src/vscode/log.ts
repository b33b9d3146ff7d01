import type * as vscode from 'vscode';
import { explain } from '../core/model/error.ts';
import { plainText } from '../core/model/plain-text.ts';
import type { Logger } from '../core/ports/logger.ts';

/** Writes to the extension's output channel. */
export function channelLogger(channel: vscode.LogOutputChannel): Logger {
  return {
    info: (message) => channel.info(plainText(message)),
    warn: (message) => channel.warn(plainText(message)),
    error: (message, cause) => {
      channel.error(plainText(cause === undefined ? message : `${message} ${explain(cause)}`));
      if (cause instanceof Error && cause.stack) channel.debug(plainText(cause.stack));
    },
  };
}
