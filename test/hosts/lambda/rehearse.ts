// Invokes a function once and prints its answer:
//   rehearse EVENT COMMAND...
// Of the command, `{environment}` becomes --env options with the variables that Lambda would set.
import { startFunction } from './function.js';

const [event = '{}', ...command] = process.argv.slice(2);
const lambda = await startFunction({
  command: (environment) => {
    const options = Object.entries(environment).flatMap(([name, value]) => [
      '--env',
      `${name}=${value}`,
    ]);
    return command.flatMap((part) => (part === '{environment}' ? options : [part]));
  },
});
const { payload, functionError } = await lambda.invoke(JSON.parse(event));
process.stdout.write(`${payload}\n`);
if (functionError !== undefined) {
  process.stderr.write(lambda.output());
  process.exitCode = 1;
}
await lambda.stop();
