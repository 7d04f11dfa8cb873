package peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.operaton.bpm.engine.ProcessEngine;
import org.operaton.bpm.engine.batch.Batch;
import org.operaton.bpm.engine.externaltask.ExternalTask;
import org.operaton.bpm.engine.history.HistoricProcessInstance;
import org.operaton.bpm.engine.history.HistoricProcessInstanceQuery;
import org.operaton.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.operaton.bpm.engine.impl.context.Context;
import org.operaton.bpm.engine.impl.jobexecutor.ExecuteJobHelper;
import org.operaton.bpm.engine.impl.jobexecutor.JobExecutorContext;
import org.operaton.bpm.engine.migration.MigrationPlan;
import org.operaton.bpm.engine.query.Query;
import org.operaton.bpm.engine.runtime.InstantiationBuilder;
import org.operaton.bpm.engine.runtime.Job;
import org.operaton.bpm.engine.runtime.JobQuery;
import org.operaton.bpm.engine.runtime.ProcessInstance;
import org.operaton.bpm.engine.runtime.ProcessInstanceQuery;

/** One operation given as JSON, through Operaton's Java API: on a list at once, or as a batch. */
class Operation {

  private final ProcessEngine engine;
  private final JsonNode op;

  Operation(ProcessEngine engine, JsonNode op) {
    this.engine = engine;
    this.op = op;
  }

  void apply(boolean asBatch, ObjectNode out) {
    if (op.has("user")) engine.getIdentityService().setAuthenticatedUserId(op.get("user").asText());
    try {
      if (asBatch) {
        Batch batch = create();
        engine.getIdentityService().clearAuthentication();
        out.put("batchJobs", runToTheEnd(batch));
      } else {
        execute();
      }
    } finally {
      engine.getIdentityService().clearAuthentication();
    }
  }

  /** Leaves a batch of which nothing has run. */
  void createOnly() {
    if (op.has("user")) engine.getIdentityService().setAuthenticatedUserId(op.get("user").asText());
    try {
      create();
    } finally {
      engine.getIdentityService().clearAuthentication();
    }
  }

  /**
   * As a batch of which jobs may fail: each is tried once, callers before those they call (or in reverse); what failed is told and its batch
   * deleted with its history, so that nothing of the failed ones is left. A batch that cannot even be created: `refused`.
   */
  void applyTolerantly(boolean reverse, ObjectNode out) throws Exception {
    var management = engine.getManagementService();
    var done = out.putArray("done");
    var failed = out.putArray("failed");
    Batch batch;
    try {
      batch = create();
    } catch (org.operaton.bpm.engine.ProcessEngineException e) {
      out.put("refused", e.getClass().getSimpleName() + ": " + e.getMessage());
      return;
    }
    while (true) {
      var seeds = management.createJobQuery().jobDefinitionId(batch.getSeedJobDefinitionId()).list();
      if (seeds.isEmpty()) break;
      management.executeJob(seeds.get(0).getId());
    }
    var jobs = new java.util.TreeMap<String, Job>();
    var items = new java.util.HashMap<Job, String>();
    for (Job job : management.createJobQuery().jobDefinitionId(batch.getBatchJobDefinitionId()).list()) {
      items.put(job, item(job));
      jobs.put(depth(items.get(job)) + " " + items.get(job), job);
    }
    for (Job job : (reverse ? jobs.descendingMap() : jobs).values()) {
      try {
        management.executeJob(job.getId());
        done.add(items.get(job));
      } catch (RuntimeException e) {
        failed.addObject().put("id", items.get(job)).put("error", e.getClass().getSimpleName() + ": " + e.getMessage());
      }
    }
    if (management.createBatchQuery().batchId(batch.getId()).count() == 0) return;
    if (failed.isEmpty()) runToTheEnd(batch);
    else management.deleteBatch(batch.getId(), true);
  }

  /** The id that a batch job with one invocation works on. */
  private String item(Job job) throws Exception {
    var config = (ProcessEngineConfigurationImpl) engine.getProcessEngineConfiguration();
    byte[] bytes = config.getCommandExecutorTxRequired().execute(context -> context.getDbEntityManager().selectById(
        org.operaton.bpm.engine.impl.persistence.entity.ByteArrayEntity.class,
        ((org.operaton.bpm.engine.impl.persistence.entity.JobEntity) job).getJobHandlerConfigurationRaw()).getBytes());
    for (var fields = Main.JSON.readTree(bytes).fields(); fields.hasNext(); ) {
      var field = fields.next();
      if (field.getKey().matches("(processInstance|historicProcessInstance|job|externalTask)Ids") && field.getValue().size() == 1)
        return field.getValue().get(0).asText();
    }
    throw new IllegalStateException("not one id: " + new String(bytes));
  }

  /** How many callers a process instance has above it. */
  private int depth(String id) {
    int depth = -1;
    for (String at = id; at != null; depth++) {
      var above = engine.getRuntimeService().createProcessInstanceQuery().subProcessInstanceId(at).singleResult();
      at = above == null ? null : above.getId();
    }
    return depth;
  }

  /** The synchronous way. */
  private void execute() {
    switch (type()) {
      case "cancellation" -> engine.getRuntimeService().deleteProcessInstances(items(), text("deleteReason"),
          flag("skipCustomListeners"), true, flag("skipSubprocesses"), flag("skipIoMappings"));
      case "historicDeletion" -> {
        var history = engine.getHistoryService();
        if (flag("ifExists")) history.deleteHistoricProcessInstancesIfExists(items());
        else if (flag("single")) history.deleteHistoricProcessInstance(items().get(0));
        else history.deleteHistoricProcessInstances(items());
      }
      case "jobRetries" -> {
        var builder = engine.getManagementService().setJobRetries(retries());
        if (op.has("jobDefinitionId")) builder.jobDefinitionId(text("jobDefinitionId"));
        else if (flag("single")) builder.jobId(items().get(0));
        else builder.jobIds(items());
        if (op.has("dueDate")) builder.dueDate(date("dueDate"));
        builder.execute();
      }
      case "externalTaskRetries" -> {
        if (flag("single")) engine.getExternalTaskService().setRetries(items().get(0), retries());
        else externalTasks().set(retries());
      }
      case "migration" -> migration().execute();
      case "modification" -> modification().execute();
      case "restart" -> restart().execute();
      default -> throw new IllegalArgumentException("no such operation: " + type());
    }
  }

  /**
   * The ids that a synchronous method is given: those found by a query before those listed, as in Operaton's batches; the list as it is
   * where there is nothing else; null where this is not how the operation is told what it works on.
   */
  List<String> items() {
    if (op.has("jobDefinitionId") || !List.of("cancellation", "historicDeletion", "jobRetries", "externalTaskRetries", "migration").contains(type()))
      return null;
    if (!op.has("query") && !ofInstances() && !op.has("historicProcessInstanceQuery")) return op.path("ids").isNull() ? null : ids();
    var items = new LinkedHashSet<String>();
    switch (type()) {
      case "cancellation", "migration" -> {
        if (op.has("query")) items.addAll(list(instances("query"), ProcessInstance::getId));
        items.addAll(historicInstances());
      }
      case "historicDeletion" -> items.addAll(list(historic("query"), HistoricProcessInstance::getId));
      case "jobRetries" -> {
        if (op.has("query")) items.addAll(list(jobs(), Job::getId));
        for (String instance : instanceIds())
          items.addAll(list(engine.getManagementService().createJobQuery().processInstanceId(instance), Job::getId));
      }
      default -> {
        var service = engine.getExternalTaskService();
        if (op.has("query"))
          items.addAll(list(Queries.query(service.createExternalTaskQuery(), op.get("query")), ExternalTask::getId));
        for (String instance : instanceIds())
          items.addAll(list(service.createExternalTaskQuery().processInstanceId(instance), ExternalTask::getId));
      }
    }
    items.addAll(ids());
    return new ArrayList<>(items);
  }

  private boolean ofInstances() { return !processInstanceIds().isEmpty() || op.has("processInstanceQuery"); }

  private Set<String> instanceIds() {
    var found = new LinkedHashSet<>(processInstanceIds());
    if (op.has("processInstanceQuery")) found.addAll(list(instances("processInstanceQuery"), ProcessInstance::getId));
    found.addAll(historicInstances());
    return found;
  }

  private List<String> historicInstances() {
    if (!op.has("historicProcessInstanceQuery")) return List.of();
    return list(historic("historicProcessInstanceQuery"), HistoricProcessInstance::getId);
  }

  /** The batch way: creates the batch, runs nothing. */
  Batch create() {
    var runtime = engine.getRuntimeService();
    return switch (type()) {
      case "cancellation" -> runtime.deleteProcessInstancesAsync(idsOrNull(), op.has("query") ? instances("query") : null,
          op.has("historicProcessInstanceQuery") ? historic("historicProcessInstanceQuery") : null,
          text("deleteReason"), flag("skipCustomListeners"), flag("skipSubprocesses"), flag("skipIoMappings"));
      case "historicDeletion" -> engine.getHistoryService().deleteHistoricProcessInstancesAsync(idsOrNull(),
          op.has("query") ? historic("query") : null, text("deleteReason"));
      case "jobRetries" -> jobRetriesBatch();
      case "externalTaskRetries" -> externalTasks().setAsync(retries());
      case "migration" -> migration().executeAsync();
      case "modification" -> modification().executeAsync();
      case "restart" -> restart().executeAsync();
      default -> throw new IllegalArgumentException("no such operation: " + type());
    };
  }

  private Batch jobRetriesBatch() {
    var management = engine.getManagementService();
    boolean ofInstances = ofInstances() || op.has("historicProcessInstanceQuery");
    if (op.has("jobDefinitionId") || ofInstances && (op.has("query") || idsOrNull() != null))
      throw new UnsupportedOperationException("Operaton has no such batch");
    if (ofInstances) {
      var builder = management.setJobRetriesByProcessAsync(retries());
      if (!processInstanceIds().isEmpty()) builder.processInstanceIds(processInstanceIds());
      if (op.has("processInstanceQuery")) builder.processInstanceQuery(instances("processInstanceQuery"));
      if (op.has("historicProcessInstanceQuery")) builder.historicProcessInstanceQuery(historic("historicProcessInstanceQuery"));
      if (op.has("dueDate")) builder.dueDate(date("dueDate"));
      return builder.executeAsync();
    }
    var builder = management.setJobRetriesByJobsAsync(retries());
    if (idsOrNull() != null) builder.jobIds(ids());
    if (op.has("query")) builder.jobQuery(jobs());
    if (op.has("dueDate")) builder.dueDate(date("dueDate"));
    return builder.executeAsync();
  }

  private org.operaton.bpm.engine.externaltask.UpdateExternalTaskRetriesBuilder externalTasks() {
    var select = engine.getExternalTaskService().updateRetries();
    org.operaton.bpm.engine.externaltask.UpdateExternalTaskRetriesBuilder builder = null;
    if (idsOrNull() != null) builder = select.externalTaskIds(ids());
    if (op.has("query"))
      builder = (builder == null ? select : builder).externalTaskQuery(
          Queries.query(engine.getExternalTaskService().createExternalTaskQuery(), op.get("query")));
    if (!processInstanceIds().isEmpty())
      builder = (builder == null ? select : builder).processInstanceIds(processInstanceIds());
    if (op.has("processInstanceQuery"))
      builder = (builder == null ? select : builder).processInstanceQuery(instances("processInstanceQuery"));
    if (op.has("historicProcessInstanceQuery"))
      builder = (builder == null ? select : builder).historicProcessInstanceQuery(historic("historicProcessInstanceQuery"));
    if (builder == null && op.has("ids")) // none: Operaton is to say so
      builder = select.externalTaskIds(op.get("ids").isNull() ? null : ids());
    if (builder == null) throw new IllegalArgumentException("no external tasks given");
    return builder;
  }

  private org.operaton.bpm.engine.migration.MigrationPlanExecutionBuilder migration() {
    var builder = engine.getRuntimeService().newMigration(plan());
    if (idsOrNull() != null) builder.processInstanceIds(ids());
    if (op.has("query")) builder.processInstanceQuery(instances("query"));
    if (flag("skipCustomListeners")) builder.skipCustomListeners();
    if (flag("skipIoMappings")) builder.skipIoMappings();
    return builder;
  }

  MigrationPlan plan() {
    JsonNode plan = op.get("plan");
    var builder = engine.getRuntimeService().createMigrationPlan(
        plan.get("sourceProcessDefinitionId").asText(), plan.get("targetProcessDefinitionId").asText());
    if (plan.path("mapEqualActivities").asBoolean()) {
      var equal = builder.mapEqualActivities();
      if (plan.path("updateEventTriggers").asBoolean()) equal.updateEventTriggers();
    }
    for (JsonNode instruction : plan.path("instructions")) {
      var mapping = builder.mapActivities(instruction.get("sourceActivityIds").get(0).asText(),
          instruction.get("targetActivityIds").get(0).asText());
      if (instruction.path("updateEventTrigger").asBoolean()) mapping.updateEventTrigger();
    }
    if (plan.has("variables")) builder.setVariables(Values.variables(plan.get("variables")));
    return builder.build();
  }

  private org.operaton.bpm.engine.runtime.ModificationBuilder modification() {
    var builder = engine.getRuntimeService().createModification(text("processDefinitionId"));
    if (idsOrNull() != null) builder.processInstanceIds(ids());
    if (op.has("query")) builder.processInstanceQuery(instances("query"));
    for (JsonNode instruction : op.get("instructions")) {
      if (instruction.get("type").asText().equals("cancel")) {
        builder.cancelAllForActivity(instruction.get("activityId").asText(),
            instruction.path("cancelCurrentActiveActivityInstances").asBoolean());
      } else {
        start(builder, instruction);
      }
    }
    if (op.has("annotation")) builder.setAnnotation(text("annotation"));
    if (flag("skipCustomListeners")) builder.skipCustomListeners();
    if (flag("skipIoMappings")) builder.skipIoMappings();
    return builder;
  }

  private org.operaton.bpm.engine.runtime.RestartProcessInstanceBuilder restart() {
    var builder = engine.getRuntimeService().restartProcessInstances(text("processDefinitionId"));
    if (idsOrNull() != null) builder.processInstanceIds(ids());
    if (op.has("query")) builder.historicProcessInstanceQuery(historic("query"));
    op.get("instructions").forEach(instruction -> start(builder, instruction));
    if (flag("initialVariables")) builder.initialSetOfVariables();
    if (flag("withoutBusinessKey")) builder.withoutBusinessKey();
    if (flag("skipCustomListeners")) builder.skipCustomListeners();
    if (flag("skipIoMappings")) builder.skipIoMappings();
    return builder;
  }

  private static void start(InstantiationBuilder<?> builder, JsonNode instruction) {
    switch (instruction.get("type").asText()) {
      case "startBeforeActivity" -> builder.startBeforeActivity(instruction.get("activityId").asText());
      case "startAfterActivity" -> builder.startAfterActivity(instruction.get("activityId").asText());
      case "startTransition" -> builder.startTransition(instruction.get("transitionId").asText());
      default -> throw new IllegalArgumentException("no such instruction: " + instruction);
    }
  }

  /** As the job executor does: nobody's operation, so none is logged. */
  private void runAsExecutor(Job job) {
    var config = (ProcessEngineConfigurationImpl) engine.getProcessEngineConfiguration();
    Context.setJobExecutorContext(new JobExecutorContext());
    try {
      ExecuteJobHelper.executeJob(job.getId(), config.getCommandExecutorTxRequired());
    } finally {
      Context.removeJobExecutorContext();
    }
  }

  /** Seed, batch and monitor jobs, one after another on this thread; returns how many jobs ran. */
  private int runToTheEnd(Batch batch) {
    var management = engine.getManagementService();
    int ran = 0;
    while (management.createBatchQuery().batchId(batch.getId()).count() > 0) {
      for (String definition : List.of(batch.getSeedJobDefinitionId(), batch.getBatchJobDefinitionId(),
          batch.getMonitorJobDefinitionId())) {
        for (Job job : management.createJobQuery().jobDefinitionId(definition).list()) {
          runAsExecutor(job);
          ran++;
        }
      }
      if (ran > 100_000) throw new IllegalStateException("the batch does not end");
    }
    return ran;
  }

  // what the operation works on

  private ProcessInstanceQuery instances(String field) {
    return Queries.query(engine.getRuntimeService().createProcessInstanceQuery(), op.get(field));
  }

  private HistoricProcessInstanceQuery historic(String field) {
    return Queries.query(engine.getHistoryService().createHistoricProcessInstanceQuery(), op.get(field));
  }

  private JobQuery jobs() { return Queries.query(engine.getManagementService().createJobQuery(), op.get("query")); }

  private static <T, R> List<R> list(Query<?, T> query, Function<T, R> f) { return query.list().stream().map(f).toList(); }

  // fields of the operation

  private String type() { return op.get("type").asText(); }

  private List<String> ids() { return Queries.strings(op.path("ids")); }

  private List<String> idsOrNull() { return op.path("ids").isEmpty() ? null : ids(); }

  private List<String> processInstanceIds() { return Queries.strings(op.path("processInstanceIds")); }

  private boolean flag(String name) { return op.path(name).asBoolean(); }

  private String text(String name) { return op.hasNonNull(name) ? op.get(name).asText() : null; }

  private int retries() { return op.get("retries").asInt(); }

  private Date date(String name) { return op.get(name).isNull() ? null : Date.from(Instant.parse(text(name))); }
}
