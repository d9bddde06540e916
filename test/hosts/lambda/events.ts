/** Events as AWS sends them, for tests: whole, since a host may look at any of their fields. */

interface HttpEvent {
  method: string;
  path: string;
  body?: string;
  headers?: Record<string, string>;
  stage?: string;
  query?: Record<string, string>;
}

const ACCOUNT = '123456789012';
const REGION = 'eu-central-1';
const CLIENT_IP = '203.0.113.7';
const USER_AGENT = 'curl/8.5.0';
const TIME = '2026-03-14T09:26:53.589Z';
const TRACE = 'Root=1-69b52a4d-0123456789abcdef01234567';

/** An event of an HTTP API, or of a function URL: payload format 2.0. */
export function apiGatewayV2(request: HttpEvent): Record<string, unknown> {
  const { method, path, body, headers = {}, stage = '$default', query = {} } = request;
  const domainPrefix = 'a1b2c3d4e5';
  const domainName = `${domainPrefix}.execute-api.${REGION}.amazonaws.com`;
  const rawQueryString = new URLSearchParams(query).toString();
  return {
    version: '2.0',
    routeKey: '$default',
    // A named stage is part of the path here, unlike in version 1.
    rawPath: stage === '$default' ? path : `/${stage}${path}`,
    rawQueryString,
    headers: {
      accept: '*/*',
      ...(body === undefined ? {} : contentHeaders(body)),
      host: domainName,
      'user-agent': USER_AGENT,
      'x-amzn-trace-id': TRACE,
      'x-forwarded-for': CLIENT_IP,
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      ...headers,
    },
    ...(rawQueryString === '' ? {} : { queryStringParameters: query }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: domainPrefix,
      domainName,
      domainPrefix,
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: CLIENT_IP, userAgent: USER_AGENT },
      requestId: 'aBcDeFgHiJkLmNo=',
      routeKey: '$default',
      stage,
      time: '14/Mar/2026:09:26:53 +0000',
      timeEpoch: Date.parse(TIME),
    },
    ...(body === undefined ? {} : { body }),
    isBase64Encoded: false,
  };
}

/** An event of a REST API with proxy integration: payload format 1.0. */
export function apiGatewayV1(request: HttpEvent): Record<string, unknown> {
  const { method, path, body, headers = {}, stage = 'live', query } = request;
  const domainName = `f6g7h8i9j0.execute-api.${REGION}.amazonaws.com`;
  const sent: Record<string, string> = {
    Accept: '*/*',
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    Host: domainName,
    'User-Agent': USER_AGENT,
    'X-Amzn-Trace-Id': TRACE,
    'X-Forwarded-For': CLIENT_IP,
    'X-Forwarded-Port': '443',
    'X-Forwarded-Proto': 'https',
    ...headers,
  };
  return {
    resource: '/{proxy+}',
    path,
    httpMethod: method,
    headers: sent,
    multiValueHeaders: each(sent),
    queryStringParameters: query ?? null,
    multiValueQueryStringParameters: query === undefined ? null : each(query),
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      resourceId: 'k1l2m3',
      resourcePath: '/{proxy+}',
      httpMethod: method,
      extendedRequestId: 'pQrStUvWxYzAbCd=',
      requestTime: '14/Mar/2026:09:26:53 +0000',
      path: `/${stage}${path}`,
      accountId: ACCOUNT,
      protocol: 'HTTP/1.1',
      stage,
      domainPrefix: 'f6g7h8i9j0',
      requestTimeEpoch: Date.parse(TIME),
      requestId: '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9',
      identity: {
        cognitoIdentityPoolId: null,
        accountId: null,
        cognitoIdentityId: null,
        caller: null,
        sourceIp: CLIENT_IP,
        principalOrgId: null,
        accessKey: null,
        cognitoAuthenticationType: null,
        cognitoAuthenticationProvider: null,
        userArn: null,
        userAgent: USER_AGENT,
        user: null,
      },
      domainName,
      deploymentId: 'n4o5p6',
      apiId: 'f6g7h8i9j0',
    },
    body: body ?? null,
    isBase64Encoded: false,
  };
}

/** An event of an Application Load Balancer. @param multi whether its target group sends multi-value headers */
export function loadBalancer(
  request: Omit<HttpEvent, 'query'> & { query?: Record<string, string[]> },
  multi: boolean,
): Record<string, unknown> {
  const { method, path, body, headers = {}, query = {} } = request;
  const sent: Record<string, string> = {
    accept: '*/*',
    ...(body === undefined ? {} : contentHeaders(body)),
    host: 'lapidary-1234567890.eu-central-1.elb.amazonaws.com',
    'user-agent': USER_AGENT,
    'x-amzn-trace-id': TRACE,
    'x-forwarded-for': CLIENT_IP,
    'x-forwarded-port': '443',
    'x-forwarded-proto': 'https',
    ...headers,
  };
  const last = Object.entries(query).map(([name, values]) => [name, values.at(-1)!]);
  return {
    requestContext: {
      elb: {
        targetGroupArn: `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:targetgroup/lapidary/49e9d65c45c6791a`,
      },
    },
    httpMethod: method,
    path,
    ...(multi
      ? { multiValueQueryStringParameters: query, multiValueHeaders: each(sent) }
      : { queryStringParameters: Object.fromEntries(last), headers: sent }),
    body: body ?? '',
    isBase64Encoded: false,
  };
}

/** A notification of S3 that an object was created. */
export function s3Event(bucket = 'lapidary-datasets', key = 'diamonds/batch.csv') {
  return {
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: REGION,
        eventTime: TIME,
        eventName: 'ObjectCreated:Put',
        userIdentity: { principalId: 'AWS:AIDAEXAMPLE' },
        requestParameters: { sourceIPAddress: CLIENT_IP },
        responseElements: {
          'x-amz-request-id': 'C3D13FE58DE4C810',
          'x-amz-id-2': 'FMyUVURIY8/IgAtTv8xRjskZQpcIZ9KG4V5Wp6S7S/JRWeUWerMUE5JgHvANOjpD',
        },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'datasets',
          bucket: {
            name: bucket,
            ownerIdentity: { principalId: 'A3NL1KOZZKExample' },
            arn: `arn:aws:s3:::${bucket}`,
          },
          object: {
            // S3 writes keys as in a form: a space is a plus sign.
            key: encodeURIComponent(key).replaceAll('%2F', '/').replaceAll('%20', '+'),
            size: 1024,
            eTag: 'd41d8cd98f00b204e9800998ecf8427e',
            sequencer: '0055AED6DCD90281E5',
          },
        },
      },
    ],
  };
}

/** A batch of messages of SQS; by default one, the notification of S3 that the trainer waits for. */
export function sqsEvent(...bodies: string[]) {
  const sent = bodies.length > 0 ? bodies : [JSON.stringify(s3Event())];
  return {
    Records: sent.map((body, index) => ({
      messageId: `059f36b4-87a3-44ab-83d2-66197583${String(index).padStart(4, '0')}`,
      receiptHandle: 'AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a',
      body,
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: String(Date.parse(TIME)),
        SenderId: 'AIDAIENQZJOLO23YVJ4VO',
        ApproximateFirstReceiveTimestamp: String(Date.parse(TIME) + 5),
      },
      messageAttributes: {},
      md5OfBody: 'e4e68fb7bd0e697a0ae8f1bb342846b3',
      eventSource: 'aws:sqs',
      eventSourceARN: `arn:aws:sqs:${REGION}:${ACCOUNT}:lapidary-training`,
      awsRegion: REGION,
    })),
  };
}

/** What a schedule of EventBridge sends. */
export function scheduledEvent() {
  return {
    version: '0',
    id: '53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa',
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: ACCOUNT,
    time: TIME,
    region: REGION,
    resources: [`arn:aws:events:${REGION}:${ACCOUNT}:rule/lapidary-look-for-jobs`],
    detail: {},
  };
}

function contentHeaders(body: string): Record<string, string> {
  return {
    'content-length': String(Buffer.byteLength(body)),
    'content-type': 'application/json',
  };
}

function each(values: Record<string, string>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));
}
