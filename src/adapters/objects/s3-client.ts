import { S3Client } from '@aws-sdk/client-s3';

const ATTEMPTS = 5;
const CONNECT_MS = 3000;
/** Time until an answer begins, and between two pieces of it. */
const ANSWER_MS = 60_000;

/**
 * Creates a client of S3; the SDK finds region, endpoint and credentials.
 * @param pathStyle the bucket is in the path, not in the host: emulators require that
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
      // Many concurrent small requests wait for a connection, which is normal.
      socketAcquisitionWarningTimeout: 10 * ANSWER_MS,
    },
  });
}
