// The framework finds plugins by their names, or below the folder of the service.
export { default } from '../../../../infra/plugin.ts'
