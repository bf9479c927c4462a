import { expect, it } from '@jest/globals';
import { whyNotPaused } from '../src/subscriber/pausing.ts';

it.each(['2.11.0', '2.15.1', 'v2.12.0-beta.1', '3.0.0'])(
  'a broker of version %s pauses subscribers',
  (version) => {
    expect(whyNotPaused(version)).toBeNull();
  },
);

it.each(['2.10.29', '2.9.10', ''])(
  'a broker of version "%s" does not, and that is said with what to do instead',
  (version) => {
    expect(whyNotPaused(version)).toMatch(
      /needs nats-server 2\.11 or newer.*stop the subscriber's process instead/,
    );
  },
);
