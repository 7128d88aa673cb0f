// Where rows come from: a topic of texts, read by from_json.

import { json, type KafkaStream, stream } from '../../../../lib/index.ts'
import { schemaOf } from '../../../golden2.ts'
import type { Operator } from '../scenario.ts'
import { type AnyStream, NotTranslated, type Translations } from '../translation.ts'

/** The topic of a source: its name. */
const topicOf = ({ name = 'in' }: Operator): string => String(name)

/** Streams of records that wait for their from_json. */
const undecoded = new WeakMap<AnyStream, KafkaStream>()

export const sources: Translations = {
  source(_, operator) {
    const records = stream('golden').readKafka({ topic: topicOf(operator) })
    const given = records as unknown as AnyStream
    undecoded.set(given, records)
    return given
  },
  fromJson(given, { schema, options, flat, keep }) {
    const records = given === null ? undefined : undecoded.get(given)
    if (records === undefined || options !== undefined || flat === false || keep !== undefined) {
      throw new NotTranslated('from_json of anything but the text of a record')
    }
    return decoded(records, String(schema))
  },
}

const decoded = (records: KafkaStream, ddl: string): AnyStream =>
  records.decode(json(schemaOf(ddl), { malformed: 'null' })) as unknown as AnyStream
