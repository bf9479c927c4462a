// Asks the process beside it whether it is well, without a shell or a client in the image. `fetch` would load a hundred modules.
require('node:http')
  .get(process.env.HEALTH_URL, (answer) => process.exit(answer.statusCode === 200 ? 0 : 1))
  .on('error', () => process.exit(1));
