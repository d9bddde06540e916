// The work of the Lambda function from its start to its first response.
import { INSTANCE } from './instance.js';

const bundle = new URL('../lambda-api.js', import.meta.url).href;
const { handler } = await import(bundle);
const answer = await handler({ model: 'diamonds', instances: [INSTANCE] }, {});
if (!(answer.predictions[0].value > 0)) throw new Error(JSON.stringify(answer));
