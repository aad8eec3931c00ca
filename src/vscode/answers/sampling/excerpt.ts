import { visible } from '../../../base/text/visible.js';
import type { Message } from '../../chat/turn/messages.js';
import { cut } from '../../chat/render.js';

/** Characters of what is sent that the question shows. */
const MAX_EXCERPT = 1000;

/** The beginning of a message that a server wants to send to a model, for the question whether it may. */
export const excerpt = (message: Message | undefined): string =>
  cut(
    (message?.parts ?? [])
      .map((part) => (part.type === 'text' ? visible(part.text) : `[${part.type}]`))
      .join('\n'),
    MAX_EXCERPT,
  );
