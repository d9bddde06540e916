import type { Emulator } from './emulator.js';

/** A request to an AWS service without a client here. */
export interface Question {
  service: string;
  path?: string;
  /** The operation of a service with JSON. */
  target?: string;
  /** The parameters of a service with forms. */
  form?: Readonly<Record<string, string>>;
}

/** List requests for each kind of resource. */
export const CATALOGUE: readonly Question[] = [
  { service: 's3', path: '/' },
  { service: 'dynamodb', target: 'DynamoDB_20120810.ListTables' },
  { service: 'sqs', target: 'AmazonSQS.ListQueues' },
  { service: 'sns', form: { Action: 'ListTopics' } },
  { service: 'lambda', path: '/2015-03-31/functions' },
  { service: 'lambda', path: '/2015-03-31/event-source-mappings' },
  { service: 'apigateway', path: '/v2/apis' },
  { service: 'ecr', target: 'AmazonEC2ContainerRegistry_V20150921.DescribeRepositories' },
  { service: 'events', target: 'AWSEvents.ListRules' },
  { service: 'logs', target: 'Logs_20140328.DescribeLogGroups' },
  { service: 'monitoring', form: { Action: 'DescribeAlarms' } },
  { service: 'monitoring', form: { Action: 'ListDashboards' } },
  { service: 'iam', form: { Action: 'ListRoles' } },
  { service: 'budgets', target: 'AWSBudgetServiceGateway.DescribeBudgets' },
];

/** @returns the raw answer */
export async function ask(aws: Emulator, question: Question): Promise<string> {
  const { service, path = '/', target, form } = question;
  const scope = `${aws.credentials.accessKeyId}/20260101/${aws.region}/${service}/aws4_request`;
  // The emulator reads the service from it, without verification.
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
  const answer = await fetch(`${aws.endpoint}${path}`, {
    ...(target !== undefined && { method: 'POST', body: '{}' }),
    ...(form && { method: 'POST', body: new URLSearchParams(form) }),
    headers: {
      authorization,
      ...(target !== undefined && {
        'x-amz-target': target,
        'content-type': 'application/x-amz-json-1.1',
      }),
    },
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${service} ${target ?? form?.Action ?? path}: ${text}`);
  return text;
}
