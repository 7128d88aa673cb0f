// Any handler of a Kafka event: nothing here knows of the plugin.
export const print = async (event) => {
  for (const [partition, records] of Object.entries(event.records)) {
    for (const { offset, key, value } of records) {
      const text = (base64) => (base64 == null ? '-' : Buffer.from(base64, 'base64').toString())
      console.log(`${partition} ${offset} ${text(key)} ${text(value)}`)
    }
  }
}
