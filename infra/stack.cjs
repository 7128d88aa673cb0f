// The door by which serverless.yml reaches stack.ts: the framework loads CommonJS files only.
module.exports = ({ resolveVariable }) => require('./stack.ts').stack(resolveVariable)
