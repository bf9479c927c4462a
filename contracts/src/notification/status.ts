import { z } from 'zod';

export const messageStatuses = ['queued', 'sending', 'sent', 'failed', 'suppressed'] as const;
/** How far a message's delivery has come. `sent` is taken over by the mail server or the chat, not read by anybody. */
export const MessageStatus = z.enum(messageStatuses);
export type MessageStatus = z.infer<typeof MessageStatus>;
