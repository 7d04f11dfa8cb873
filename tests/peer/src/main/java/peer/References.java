package peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.operaton.bpm.engine.ProcessEngine;
import org.operaton.bpm.engine.externaltask.ExternalTask;
import org.operaton.bpm.engine.runtime.Execution;
import org.operaton.bpm.engine.runtime.Job;
import org.operaton.bpm.engine.task.Task;

/**
 * What scenarios call things, and what these are.
 *
 * <p>Instances: `p1`; `p1.child`, the one that p1 calls; `p1.child@call`, the one that its activity `call` calls;
 * `p1.child#2`, the second of those that it calls. Definitions: key, key:version or key:version:tenant.
 *
 * <p>In operations, with "@": an instance; "@def:key:1"; "@jobdef:key:activity"; "@jobs:p1[:activity]" and
 * "@external:p1[:activity]", all of them; "@startjobs:key", the jobs of a definition that belong to no instance;
 * "@batchjobs"; "@pick:running|ended|job|external:SEED:COUNT[:key]", random ones, perhaps none; "@one:SEED:p1", p1 or one
 * that it calls, directly or not, none if it has ended; "@active:SEED:key", an activity (Walk); "@long:4000", a text of that length.
 */
class References {

  final Map<String, String> instances = new LinkedHashMap<>(); // names given by `as` -> process instance ids
  private final ProcessEngine engine;

  References(ProcessEngine engine) { this.engine = engine; }

  String instance(JsonNode a) { return instance(a.isTextual() ? a.asText() : a.get("of").asText()); }

  String instance(String name) {
    int child = name.lastIndexOf(".child");
    if (child >= 0) return called(instance(name.substring(0, child)), name.substring(child + ".child".length()));
    if (!instances.containsKey(name)) throw new IllegalArgumentException("no such instance: " + name);
    return instances.get(name);
  }

  private String called(String caller, String which) {
    var query = engine.getRuntimeService().createProcessInstanceQuery().superProcessInstanceId(caller);
    List<String> found = query.orderByProcessInstanceId().asc().list().stream().map(Execution::getId).toList();
    if (which.startsWith("@")) {
      var calls = engine.getHistoryService().createHistoricActivityInstanceQuery().processInstanceId(caller)
          .activityId(which.substring(1)).list().stream().map(h -> h.getCalledProcessInstanceId()).filter(Objects::nonNull).toList();
      found = found.stream().filter(calls::contains).toList();
    } else if (which.startsWith("#")) {
      return found.get(Integer.parseInt(which.substring(1)) - 1);
    }
    if (found.size() != 1) throw new IllegalArgumentException(found.size() + " called instances of " + caller + which);
    return found.get(0);
  }

  String definition(String reference) {
    String[] parts = reference.split(":");
    var query = engine.getRepositoryService().createProcessDefinitionQuery().processDefinitionKey(parts[0]);
    if (parts.length > 1) query.processDefinitionVersion(Integer.valueOf(parts[1]));
    else query.latestVersion();
    if (parts.length > 2) query.tenantIdIn(parts[2]);
    var found = query.singleResult();
    if (found == null) throw new IllegalArgumentException("no such definition: " + reference);
    return found.getId();
  }

  String jobDefinition(String key, String activity) {
    return engine.getManagementService().createJobDefinitionQuery().processDefinitionId(definition(key)).activityIdIn(activity)
        .singleResult().getId();
  }

  List<Task> tasks(JsonNode a) {
    var query = engine.getTaskService().createTaskQuery().processInstanceId(instance(a)).active();
    if (a.has("task")) query.taskDefinitionKey(a.get("task").asText());
    List<Task> found = some(query.orderByTaskCreateTime().asc().orderByTaskId().asc().list(), a);
    return a.has("n") ? found.subList(0, a.get("n").asInt()) : found;
  }

  List<String> executions(JsonNode a) {
    return some(engine.getRuntimeService().createExecutionQuery().processInstanceId(instance(a))
        .activityId(a.get("activity").asText()).list(), a).stream().map(Execution::getId).toList();
  }

  List<Job> jobs(JsonNode a) {
    if (a.has("startOf"))
      return some(startJobs(a.get("startOf").asText()), a);
    var query = engine.getManagementService().createJobQuery().processInstanceId(instance(a));
    if (a.has("activity")) query.activityId(a.get("activity").asText());
    return some(query.orderByJobId().asc().list(), a);
  }

  List<ExternalTask> externalTasks(JsonNode a) {
    var query = engine.getExternalTaskService().createExternalTaskQuery().processInstanceId(instance(a));
    if (a.has("topic")) query.topicName(a.get("topic").asText());
    return some(query.orderById().asc().list(), a);
  }

  private List<Job> startJobs(String key) {
    return engine.getManagementService().createJobQuery().processDefinitionId(definition(key)).orderByJobId().asc().list().stream()
        .filter(j -> j.getProcessInstanceId() == null).toList();
  }

  private static <T> List<T> some(List<T> found, Object sought) {
    if (found.isEmpty()) throw new IllegalArgumentException("nothing found for " + sought);
    return found;
  }

  /** An operation with its references replaced by the ids of what they name. */
  JsonNode resolve(JsonNode node) {
    if (node.isObject()) {
      ObjectNode copy = Main.JSON.createObjectNode();
      node.fields().forEachRemaining(f -> copy.set(f.getKey(), resolve(f.getValue())));
      return copy;
    }
    if (node.isArray()) {
      ArrayNode copy = Main.JSON.createArrayNode();
      for (JsonNode element : node) {
        if (element.isTextual() && element.asText().startsWith("@")) ids(element.asText().substring(1)).forEach(copy::add);
        else copy.add(resolve(element));
      }
      return copy;
    }
    if (node.isTextual() && node.asText().startsWith("@"))
      return Main.JSON.getNodeFactory().textNode(ids(node.asText().substring(1)).get(0));
    return node;
  }

  private List<String> ids(String reference) {
    String[] parts = reference.split(":", 3);
    return switch (parts[0]) {
      case "pick" -> {
        String[] pick = reference.split(":");
        yield new Walk(engine, instances, Long.parseLong(pick[2]))
            .pick(pick[1], Integer.parseInt(pick[3]), pick.length > 4 ? pick[4] : null);
      }
      case "one" -> new Walk(engine, instances, Long.parseLong(parts[1])).oneOf(instance(parts[2]));
      case "active" -> List.of(new Walk(engine, instances, Long.parseLong(parts[1])).active(parts[2]));
      case "long" -> List.of("because ".repeat(4000).substring(0, Integer.parseInt(parts[1])));
      case "def" -> List.of(definition(reference.substring(4)));
      case "jobdef" -> List.of(jobDefinition(parts[1], parts[2]));
      case "startjobs" -> some(startJobs(reference.substring("startjobs:".length())), reference).stream().map(Job::getId).toList();
      case "batchjobs" -> some(engine.getManagementService().createJobQuery().list().stream()
          .filter(j -> j.getProcessDefinitionId() == null).map(Job::getId).sorted().toList(), reference);
      case "jobs" -> {
        var query = engine.getManagementService().createJobQuery().processInstanceId(instance(parts[1]));
        if (parts.length > 2) query.activityId(parts[2]);
        yield some(query.orderByJobId().asc().list(), reference).stream().map(Job::getId).toList();
      }
      case "external" -> {
        var query = engine.getExternalTaskService().createExternalTaskQuery().processInstanceId(instance(parts[1]));
        if (parts.length > 2) query.activityId(parts[2]);
        yield some(query.orderById().asc().list(), reference).stream().map(ExternalTask::getId).toList();
      }
      default -> List.of(instance(reference));
    };
  }
}
