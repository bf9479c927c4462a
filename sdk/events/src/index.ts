export { decode, UndecodableEvent, type OmsEvent, type Received } from './decode.js';
export { Sequences, type Place } from './sequences.js';
export { subscribe, type Subscriber, type SubscriberOptions } from './subscribe.js';
