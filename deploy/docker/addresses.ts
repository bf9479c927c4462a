/** Where the processes of docker-compose.yml find each other; a test compares both. */
export const at = {
  gateway: 'http://gateway:3000',
  'payment-sandbox': 'http://payment-sandbox:3100',
  issuer: 'http://issuer:3200',
  mailbox: 'http://mailbox:3300',
  smtp: 'smtp://mailbox:2525',
  postgres: 'postgres://postgres:5432/oms',
  nats: 'nats://nats:4222',
  monitor: 'http://nats:8222',
} as const;

/** In the home, read by the image's entrypoint. */
export const POSTGRES_PASSWORD_FILE = 'postgres-password';
