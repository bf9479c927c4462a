import type { Channel, ChannelResult, Offer } from './channel.js';

const TIMEOUT_MS = 10_000;

/** An incoming webhook of a chat (Slack, Mattermost, Rocket.Chat and others take the same one field) that staff read. */
export class ChatChannel implements Channel {
  private readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async offer(message: Offer): Promise<ChannelResult> {
    try {
      const answer = await fetch(this.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text: `*${message.subject}*\n${message.body}` }),
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await answer.body?.cancel();
      if (answer.ok) return { outcome: 'taken', providerRef: null };
      const reason = `chat_answered_${answer.status}`;
      // 4xx is about what was sent or where to, and stays so; a limit of calls and a time-out do not.
      const forGood = answer.status >= 400 && answer.status < 500 && ![408, 425, 429].includes(answer.status);
      return forGood ? { outcome: 'refused', reason, dead: false } : { outcome: 'away', reason };
    } catch (error) {
      return { outcome: 'away', reason: `chat_unreachable: ${(error as Error).name}` };
    }
  }

  close(): void {
    // Each offer is a connection of its own.
  }
}
