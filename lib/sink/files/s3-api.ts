// What the bucket's sink needs of AWS's S3 client, and no more: loaded when the sink is opened, and by name, so that a bundler leaves
// out the other commands.

export { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
