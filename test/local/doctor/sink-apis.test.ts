import { expect, test } from 'vitest'
import { checkSinkApi } from '../../../local/doctor/sink-apis.ts'

const s3 = { service: 'S3', program: 'S3Proxy', places: ['archive', 'bars'], dataDir: '.local/s3', problem: undefined }

test('an API that Java can run is said with what it is for', () => {
  expect(checkSinkApi(s3)).toEqual({ level: 'ok', subject: 'S3', says: 'S3Proxy, for archive, bars' })
})

test('without Java there is a way, and what to do for another', () => {
  const finding = checkSinkApi({ ...s3, problem: 'Maven (mvn) is not installed' })
  expect(finding).toMatchObject({ level: 'warning', says: expect.stringContaining('the sinks write below .local/s3') })
  expect(finding.remedy).toContain('AWS_ENDPOINT_URL_S3')
})
