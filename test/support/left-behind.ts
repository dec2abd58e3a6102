import type { Database } from '@app/persistence';

const LEFT_BEHIND = `
  with mine as (select * from memories where write_id = $1)
  select
    (select jsonb_agg((to_jsonb(m)
                      || jsonb_build_object('captured', captured_at = created_at, 'since', valid_from = created_at))
                      - '{id,account_id,write_id,created_at}'::text[]
                      - case when captured_at = created_at then '{captured_at,valid_from}'::text[] else '{}' end
                      order by text) from mine m) as memories,
    (select jsonb_agg(jsonb_build_array(m.text, v.valid_from = m.valid_from, v.valid_to, v.superseded_by, v.believed_to,
                                        v.believed_from = m.created_at, v.account_id = m.account_id) order by m.text)
       from mine m join memory_versions v on v.memory_id = m.id) as versions,
    (select jsonb_agg(jsonb_build_array(m.text, e.event, e.tenant_id, e.at = m.created_at, e.details ->> 'write_id' = $1::text,
                                        e.api_key_id = w.api_key_id, e.account_id = m.account_id) order by m.text)
       from mine m join audit_events e on e.memory_id = m.id join writes w on w.id = m.write_id) as events,
    (select jsonb_agg(to_jsonb(t) - '{id,account_id,write_id}'::text[] order by position) from turns t where write_id = $1) as turns,
    (select jsonb_agg(jsonb_build_array(m.text, t.position) order by m.text, t.position)
       from mine m join memory_turns c on c.memory_id = m.id join turns t on t.id = c.turn_id) as citations,
    (select jsonb_build_object('state', state, 'request', request, 'failure', failure, 'next', next_check_at, 'calls', llm_calls,
                               'input', input_tokens, 'output', output_tokens, 'one_time', not exists (
                                 select from mine where created_at <> finished_at))
            || jsonb_build_object('result', w.result - '{memoryIds,autoSupersede}'::text[],
                 'texts', (select jsonb_agg(m.text order by place) from jsonb_array_elements_text(w.result -> 'memoryIds')
                             with ordinality as r(id, place) join mine m on m.id = r.id::uuid),
                 'outcomes', (select jsonb_agg(r.outcome - 'memoryId' || jsonb_build_object('of', m.text) order by place)
                                from jsonb_array_elements(w.result -> 'autoSupersede')
                                with ordinality as r(outcome, place) join mine m on m.id = (r.outcome ->> 'memoryId')::uuid))
       from writes w where id = $1) as row`;

/** Everything that a write has left behind, without ids and without the times at which it was stored. */
export async function leftBehind(database: Database, writeId: string) {
  const [left] = await database.query<{ memories: unknown[]; turns: unknown[] }>(LEFT_BEHIND, [
    writeId,
  ]);
  if (left === undefined) throw new Error('There is no such write');
  return left;
}
