// It stands for a handler: the template is looked at, and nothing runs.
exports.run = async () => undefined
