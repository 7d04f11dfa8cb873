-- ids: running process instances that neither call nor are called
update act_hi_taskinst h set end_time_ = %(now)s, duration_ = extract(epoch from %(now)s - h.start_time_) * 1000,
  delete_reason_ = %(reason)s, task_state_ = 'Deleted'
from act_ru_task t where t.proc_inst_id_ = any(%(ids)s) and h.id_ = t.id_;
delete from act_ru_identitylink l using act_ru_task t where t.proc_inst_id_ = any(%(ids)s) and l.task_id_ = t.id_;
with v as (delete from act_ru_variable where proc_inst_id_ = any(%(ids)s) returning bytearray_id_)
delete from act_ge_bytearray b where b.id_ = any(array(select bytearray_id_ from v where bytearray_id_ is not null));
delete from act_ru_task where proc_inst_id_ = any(%(ids)s);
with j as (delete from act_ru_job where process_instance_id_ = any(%(ids)s) returning *)
insert into act_hi_job_log (id_, timestamp_, job_id_, job_duedate_, job_retries_, job_priority_, job_state_, job_def_id_, job_def_type_,
  job_def_configuration_, act_id_, failed_act_id_, execution_id_, root_proc_inst_id_, process_instance_id_, process_def_id_,
  process_def_key_, deployment_id_, sequence_counter_, tenant_id_, hostname_)
select gen_random_uuid(), %(now)s, j.id_, j.duedate_, j.retries_, j.priority_, 3, j.job_def_id_, d.job_type_,
  d.job_configuration_, d.act_id_, j.failed_act_id_, j.execution_id_, j.root_proc_inst_id_, j.process_instance_id_, j.process_def_id_,
  j.process_def_key_, j.deployment_id_, j.sequence_counter_ + 1, j.tenant_id_, %(host)s
from j left join act_ru_jobdef d on d.id_ = j.job_def_id_;
update act_hi_actinst set end_time_ = %(now)s, duration_ = extract(epoch from %(now)s - start_time_) * 1000, act_inst_state_ = 2
where proc_inst_id_ = any(%(ids)s) and end_time_ is null;
update act_hi_procinst set end_time_ = %(now)s, duration_ = extract(epoch from %(now)s - start_time_) * 1000,
  delete_reason_ = %(reason)s, state_ = 'EXTERNALLY_TERMINATED'
where proc_inst_id_ = any(%(ids)s);
delete from act_ru_execution where proc_inst_id_ = any(%(ids)s);
