// The operator of each kind of stage. A new kind is a word in plan/stages/stage.ts, a file here, and a line in this table.

import type { Stage } from '../plan/stages/stage.ts'
import { transformWithStateOperator } from './custom-state/transform-with-state.ts'
import { dropDuplicatesOperator } from './drop-duplicates.ts'
import { joinOperator } from './joins/stream-join.ts'
import { limitOperator } from './limit.ts'
import { sessionAggregateOperator } from './sessions/session-aggregate.ts'
import type { StageOperator } from './stage-operator.ts'
import { aggregateOperator } from './windowed-aggregate.ts'

/** @param lagMs how far behind the watermark the rows of the stage before may be */
export function stageOperator(stage: Stage, lagMs: number): StageOperator {
  const { step } = stage
  switch (step.kind) {
    case 'dropDuplicates':
      return erased(dropDuplicatesOperator(step, stage, lagMs))
    case 'aggregate':
      return erased(aggregateOperator(step, stage, lagMs))
    case 'join':
      return erased(joinOperator(step, stage, lagMs))
    case 'limit':
      return erased(limitOperator(step, stage))
    case 'sessionAggregate':
      return erased(sessionAggregateOperator(step, lagMs))
    case 'transformWithState':
      return erased(transformWithStateOperator(step, stage, lagMs))
  }
}

/** The chain never looks into what an operator keeps. */
const erased = <Value>(operator: StageOperator<Value>): StageOperator => operator as unknown as StageOperator
