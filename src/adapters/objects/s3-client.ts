import { S3Client } from '@aws-sdk/client-s3';

const ATTEMPTS = 5;
const CONNECT_MS = 3000;
/** Until an answer begins, and between two pieces of it. */
const ANSWER_MS = 60_000;

/**
 * A client of S3; region, endpoint and credentials are where the SDK looks for them.
 * @param pathStyle the bucket in the path, not in the host: emulators want that
 */
export function newS3Client(pathStyle: boolean): S3Client {
  return new S3Client({
    forcePathStyle: pathStyle,
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
      socketTimeout: ANSWER_MS,
      // Many small requests at once are normal, and wait for a connection: no reason to warn.
      socketAcquisitionWarningTimeout: 10 * ANSWER_MS,
    },
  });
}
