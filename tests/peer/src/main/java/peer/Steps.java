package peer;

import static peer.Values.variables;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.operaton.bpm.engine.ProcessEngine;
import org.operaton.bpm.engine.authorization.Authorization;
import org.operaton.bpm.engine.authorization.HistoricProcessInstancePermissions;
import org.operaton.bpm.engine.authorization.Resources;
import org.operaton.bpm.engine.externaltask.ExternalTask;
import org.operaton.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.operaton.bpm.engine.impl.persistence.entity.JobEntity;
import org.operaton.bpm.engine.impl.util.ClockUtil;
import org.operaton.bpm.engine.runtime.Job;
import org.operaton.bpm.engine.task.Task;

/** The steps by which scenarios bring their instances to their states; References says how they name things. */
class Steps {

  private final ProcessEngine engine;
  private final References references;

  Steps(ProcessEngine engine, References references) {
    this.engine = engine;
    this.references = references;
  }

  void run(String verb, JsonNode a) {
    var runtime = engine.getRuntimeService();
    var management = engine.getManagementService();
    switch (verb) {
      case "start" -> start(a);
      case "name" -> references.instances.put(a.get("as").asText(), references.instance(a));
      case "user" -> engine.getIdentityService().setAuthenticatedUserId(a.asText());
      case "advance" -> ClockUtil.setCurrentTime(Date.from(ClockUtil.now().toInstant().plus(Duration.parse(a.asText()))));
      case "complete" -> references.tasks(a).forEach(t -> engine.getTaskService().complete(t.getId(), variables(a.path("vars"))));
      case "submitForm" -> references.tasks(a).forEach(t ->
          engine.getFormService().submitTaskForm(t.getId(), variables(a.path("vars"))));
      case "task" -> references.tasks(a).forEach(t -> touch(t, a));
      case "instance" -> touchInstance(references.instance(a), a);
      case "setVars" -> setVariables(a);
      case "removeVars" -> runtime.removeVariables(references.instance(a), Queries.strings(a.get("names")));
      case "run" -> references.jobs(a).forEach(j -> management.executeJob(j.getId()));
      case "fail" -> references.jobs(a).forEach(j -> fail(j.getId(), a.path("times").asInt(j.getRetries())));
      case "lockJobs" -> references.jobs(a).forEach(j -> lockJob(j, a));
      case "setRetries" -> setRetries(a);
      case "suspendJobDefinition" -> management.suspendJobDefinitionById(
          references.jobDefinition(a.get("key").asText(), a.get("activity").asText()), a.path("jobs").asBoolean());
      case "lock" -> lock(a, a.path("ms").asLong(3_600_000));
      case "failExternal" -> lock(a, 1000).forEach(t -> engine.getExternalTaskService().handleFailure(t.getId(), "worker",
          a.has("message") ? text(a.get("message")) : "no luck",
          a.has("details") ? text(a.get("details")) : "at the place where it failed",
          a.path("retries").asInt(), a.path("timeout").asLong(0)));
      case "completeExternal" -> lock(a, 1000).forEach(t ->
          engine.getExternalTaskService().complete(t.getId(), "worker", variables(a.path("vars"))));
      case "message" -> runtime.createMessageCorrelation(a.get("name").asText()).processInstanceId(references.instance(a))
          .setVariables(variables(a.path("vars"))).correlate();
      case "signal" -> signal(a);
      case "suspend" -> runtime.suspendProcessInstanceById(references.instance(a));
      case "cancel" -> runtime.deleteProcessInstance(references.instance(a), a.path("reason").asText("not wanted"),
          a.path("skipCustomListeners").asBoolean(), true, false, a.path("skipSubprocesses").asBoolean());
      case "restart" -> engine.getRuntimeService().restartProcessInstances(references.definition(a.get("key").asText()))
          .startBeforeActivity(a.get("activity").asText()).processInstanceIds(references.instance(a)).execute();
      case "incident" -> runtime.createIncident("custom", references.executions(a).get(0), "cfg", "made by hand");
      case "batch" -> batch(a);
      case "runBatches" -> runBatches();
      case "walk" -> new Walk(engine, references.instances, a.get("seed").asLong())
          .run(references.instance(a), a.get("steps").asInt());
      case "finish" -> new Walk(engine, references.instances, a.get("seed").asLong()).finish(references.instance(a));
      default -> throw new IllegalArgumentException("no such step: " + verb);
    }
  }

  private static String text(JsonNode node) { return node.isNull() ? null : node.asText(); }

  private static InputStream content(String text) { return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)); }

  private void start(JsonNode a) {
    if (!a.has("each")) {
      start(a, a.get("as").asText(), Map.of());
      return;
    }
    var each = a.get("each").fields().next(); // one for each value of this variable, called by it
    for (String value : Queries.strings(each.getValue())) start(a, value, Map.of(each.getKey(), value));
  }

  private void start(JsonNode a, String as, Map<String, Object> more) {
    int n = a.path("n").asInt(1);
    for (int i = 1; i <= n; i++) {
      var builder = engine.getRuntimeService().createProcessInstanceById(references.definition(a.get("key").asText()));
      if (a.has("businessKey")) builder.businessKey(a.get("businessKey").asText() + (n == 1 ? "" : i));
      String id = builder.setVariables(variables(a.path("vars"))).setVariables(more).execute().getId();
      references.instances.put(as + (n == 1 ? "" : i), id);
    }
  }

  private void signal(JsonNode a) {
    String name = a.get("name").asText();
    var waiting = engine.getRuntimeService().createEventSubscriptionQuery().processInstanceId(references.instance(a))
        .eventType("signal").eventName(name).list();
    if (waiting.isEmpty()) throw new IllegalArgumentException("nothing waits for the signal " + name);
    waiting.forEach(s -> engine.getRuntimeService().signalEventReceived(name, s.getExecutionId()));
  }

  private void touch(Task task, JsonNode a) {
    var tasks = engine.getTaskService();
    String id = task.getId(), instance = references.instance(a);
    if (a.has("comment")) tasks.createComment(id, instance, a.get("comment").asText());
    if (a.has("attachment"))
      tasks.createAttachment("text", id, instance, a.get("attachment").asText(), "described", content("attached"));
    if (a.has("link")) tasks.createAttachment("link", id, instance, "a link", null, a.get("link").asText());
    if (a.has("candidateUser")) tasks.addCandidateUser(id, a.get("candidateUser").asText());
    if (a.has("noCandidateUser")) tasks.deleteCandidateUser(id, a.get("noCandidateUser").asText());
    if (a.has("candidateGroup")) tasks.addCandidateGroup(id, a.get("candidateGroup").asText());
    if (a.has("claim")) tasks.claim(id, a.get("claim").asText());
    if (a.has("delegate")) tasks.delegateTask(id, a.get("delegate").asText());
    if (a.has("owner")) tasks.setOwner(id, a.get("owner").asText());
    if (a.has("priority")) tasks.setPriority(id, a.get("priority").asInt());
    if (a.has("due")) {
      Task again = tasks.createTaskQuery().taskId(id).singleResult();
      again.setDueDate(Date.from(Instant.parse(a.get("due").asText())));
      tasks.saveTask(again);
    }
    if (a.has("subtask")) {
      Task sub = tasks.newTask(a.get("subtask").asText());
      sub.setName(a.get("subtask").asText());
      sub.setParentTaskId(id);
      tasks.saveTask(sub);
      tasks.createComment(sub.getId(), null, "below");
    }
  }

  private void touchInstance(String id, JsonNode a) {
    var tasks = engine.getTaskService();
    if (a.has("comment")) tasks.createComment(null, id, a.get("comment").asText());
    if (a.has("attachment")) tasks.createAttachment("text", null, id, a.get("attachment").asText(), null, content("attached too"));
    if (a.has("readers")) {
      Authorization grant = engine.getAuthorizationService().createNewAuthorization(Authorization.AUTH_TYPE_GRANT);
      grant.setResource(Resources.HISTORIC_PROCESS_INSTANCE);
      grant.setResourceId(id);
      grant.setGroupId(a.get("readers").asText());
      grant.addPermission(HistoricProcessInstancePermissions.READ);
      engine.getAuthorizationService().saveAuthorization(grant);
    }
  }

  private void setVariables(JsonNode a) {
    var runtime = engine.getRuntimeService();
    var values = variables(a.get("vars"));
    if (a.has("task")) references.tasks(a).forEach(t -> engine.getTaskService().setVariablesLocal(t.getId(), values));
    else if (a.has("activity")) references.executions(a).forEach(e -> runtime.setVariablesLocal(e, values));
    else runtime.setVariables(references.instance(a), values);
  }

  private void fail(String job, int times) {
    for (int i = 0; i < times; i++) {
      try {
        engine.getManagementService().executeJob(job);
      } catch (RuntimeException wanted) {
        continue;
      }
      throw new IllegalStateException("the job did not fail");
    }
  }

  /** As a job executor locks jobs that it is going to run; without `until`, the inconsistent lock of one that died. */
  private void lockJob(Job job, JsonNode a) {
    var config = (ProcessEngineConfigurationImpl) engine.getProcessEngineConfiguration();
    config.getCommandExecutorTxRequired().execute(context -> {
      JobEntity entity = context.getJobManager().findJobById(job.getId());
      entity.setLockOwner("executor");
      if (a.has("until")) entity.setLockExpirationTime(Date.from(Instant.parse(a.get("until").asText())));
      return null;
    });
  }

  private void setRetries(JsonNode a) {
    int retries = a.get("retries").asInt();
    if (a.has("topic")) {
      references.externalTasks(a).forEach(t -> engine.getExternalTaskService().setRetries(t.getId(), retries));
    } else if (a.has("definition")) {
      String definition = references.jobDefinition(a.get("definition").asText(), a.get("activity").asText());
      engine.getManagementService().setJobRetriesByJobDefinitionId(definition, retries);
    } else {
      references.jobs(a).forEach(j -> engine.getManagementService().setJobRetries(j.getId(), retries));
    }
  }

  private List<ExternalTask> lock(JsonNode a, long ms) {
    var found = references.externalTasks(a);
    found.forEach(t -> engine.getExternalTaskService().lock(t.getId(), "worker", ms));
    return found;
  }

  /** Creates one of the engine's own batches and its jobs, and runs none of these. */
  /** As a job executor does: each job of a batch, again while it has retries. */
  private void runBatches() {
    var management = engine.getManagementService();
    for (var batch : management.createBatchQuery().list())
      for (Job job : management.createJobQuery().jobDefinitionId(batch.getBatchJobDefinitionId()).list())
        for (int i = 0; i < job.getRetries() && management.createJobQuery().jobId(job.getId()).count() > 0; i++) {
          try {
            management.executeJob(job.getId());
          } catch (RuntimeException counted) { // by the engine, in the job's retries
          }
        }
  }

  private void batch(JsonNode a) {
    var management = engine.getManagementService();
    var batch = new Operation(engine, references.resolve(a)).create();
    for (Job seed : management.createJobQuery().jobDefinitionId(batch.getSeedJobDefinitionId()).list())
      management.executeJob(seed.getId());
  }
}
