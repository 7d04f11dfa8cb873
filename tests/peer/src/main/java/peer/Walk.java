package peer;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.operaton.bpm.engine.ProcessEngine;
import org.operaton.bpm.engine.externaltask.ExternalTask;
import org.operaton.bpm.engine.history.HistoricProcessInstance;
import org.operaton.bpm.engine.impl.persistence.entity.ExecutionEntity;
import org.operaton.bpm.engine.impl.persistence.entity.ProcessDefinitionEntity;
import org.operaton.bpm.engine.impl.util.ClockUtil;
import org.operaton.bpm.engine.runtime.EventSubscription;
import org.operaton.bpm.engine.runtime.Job;
import org.operaton.bpm.engine.runtime.ProcessInstance;
import org.operaton.bpm.engine.task.Task;
import org.operaton.bpm.engine.variable.VariableMap;
import org.operaton.bpm.engine.variable.Variables;

/**
 * Random but seeded moves of instances, and random but seeded choices among what there is. What is chosen from is sorted
 * by what it is (instance, activities on the way to the root, loop counters, sequence counter) and not by its id, so that
 * a seed does the same again; what is still equal then is interchangeable. A move that the engine refuses does nothing.
 */
class Walk {

  private final ProcessEngine engine;
  private final Map<String, String> roots; // process instance ids -> names given by `as`, in the order of starting
  private final Random random;
  private final Map<String, String> places = new HashMap<>(); // execution ids -> where in their tree they are

  Walk(ProcessEngine engine, Map<String, String> names, long seed) {
    this.engine = engine;
    this.random = new Random(seed * 31 + 7);
    this.roots = new HashMap<>();
    names.forEach((name, id) -> roots.put(id, name));
  }

  // ---------------------------------------------------------------- moves

  /** So many moves of the instance and of those that it calls; now and then one of them ends up suspended. */
  void run(String root, int steps) {
    for (int i = 0; i < steps && alive(root); i++) move(root, false);
    if (random.nextInt(9) == 0 && alive(root)) {
      var instances = tree(root);
      engine.getRuntimeService().suspendProcessInstanceById(instances.get(random.nextInt(instances.size())));
    }
  }

  /** Ends the instance: it is deleted, or worked on until it ends by itself (and deleted if it does not). */
  void finish(String root) {
    var runtime = engine.getRuntimeService();
    if (random.nextBoolean()) {
      for (int i = 0; i < 80 && alive(root); i++) {
        for (String id : tree(root)) runtime.activateProcessInstanceById(id);
        if (i % 7 == 6) runtime.setVariables(root, Map.of("fail", false, "go", true));
        move(root, true);
      }
    }
    advance();
    if (!alive(root)) return;
    String reason = random.nextBoolean() ? "not wanted" : null;
    boolean skipListeners = random.nextInt(4) == 0, externally = random.nextBoolean();
    try {
      runtime.deleteProcessInstance(root, reason, skipListeners, externally);
    } catch (RuntimeException unmapped) { // an output mapping that cannot be evaluated
      runtime.deleteProcessInstance(root, reason, skipListeners, externally, true);
    }
  }

  private boolean alive(String root) {
    return engine.getRuntimeService().createProcessInstanceQuery().processInstanceId(root).count() > 0;
  }

  private void advance() { ClockUtil.setCurrentTime(Date.from(ClockUtil.now().toInstant().plus(Duration.ofSeconds(1)))); }

  private void move(String root, boolean onwards) {
    advance();
    List<String> instances = tree(root);
    List<Runnable> choices = new ArrayList<>();
    List<Integer> weights = new ArrayList<>();
    var tasks = engine.getTaskService();
    var management = engine.getManagementService();
    var external = engine.getExternalTaskService();
    var runtime = engine.getRuntimeService();

    BiConsumer<Integer, Runnable> choice = (weight, action) -> { weights.add(weight); choices.add(action); };
    List<Task> openTasks = openTasks(instances);
    if (!openTasks.isEmpty()) choice.accept(10, () -> tasks.complete(one(openTasks).getId(), some(3)));
    List<Job> openJobs = openJobs(instances);
    if (!openJobs.isEmpty()) choice.accept(6, () -> management.executeJob(one(openJobs).getId()));
    List<ExternalTask> openExternal = openExternal(instances);
    if (!openExternal.isEmpty()) choice.accept(4, () -> {
      ExternalTask task = one(openExternal);
      if (task.getWorkerId() != null) external.unlock(task.getId());
      external.lock(task.getId(), "worker", 60_000);
      external.complete(task.getId(), "worker", some(2));
    });
    List<EventSubscription> subscriptions = subscriptions(instances);
    if (!subscriptions.isEmpty()) choice.accept(5, () -> {
      EventSubscription s = one(subscriptions);
      if (s.getEventType().equals("message")) runtime.messageEventReceived(s.getEventName(), s.getExecutionId(), some(2));
      else if (s.getEventType().equals("signal")) runtime.signalEventReceived(s.getEventName(), s.getExecutionId(), some(2));
      else if (s.getEventType().equals("conditional")) runtime.setVariables(s.getProcessInstanceId(), Map.of("go", true));
    });
    if (!onwards) others(root, instances, openTasks, openJobs, openExternal, choice);

    int sum = weights.stream().mapToInt(Integer::intValue).sum();
    if (sum == 0) return;
    int at = random.nextInt(sum), chosen = 0;
    while (at >= weights.get(chosen)) at -= weights.get(chosen++);
    try {
      choices.get(chosen).run();
    } catch (RuntimeException refused) {
      // a failed job has its retries, exception and incident now; anything else was rolled back
    }
  }

  /** Moves that do not lead on. */
  private void others(String root, List<String> instances, List<Task> openTasks, List<Job> openJobs,
      List<ExternalTask> openExternal, BiConsumer<Integer, Runnable> choice) {
    var tasks = engine.getTaskService();
    var management = engine.getManagementService();
    var external = engine.getExternalTaskService();
    var runtime = engine.getRuntimeService();
    if (!openTasks.isEmpty()) choice.accept(3, () -> {
      String id = one(openTasks).getId();
      String instance = openTasks.stream().filter(t -> t.getId().equals(id)).findFirst().get().getProcessInstanceId();
      switch (random.nextInt(7)) {
        case 0 -> tasks.setVariablesLocal(id, some(1));
        case 1 -> tasks.claim(id, "anna");
        case 2 -> tasks.createComment(id, instance, "looks fine");
        case 3 -> tasks.createAttachment("text", id, instance, "notes", "described",
            new ByteArrayInputStream("attached".getBytes(StandardCharsets.UTF_8)));
        case 4 -> tasks.addCandidateUser(id, "dora");
        case 5 -> tasks.delegateTask(id, "emil");
        default -> tasks.setPriority(id, random.nextInt(100));
      }
    });
    if (!openJobs.isEmpty()) choice.accept(3, () -> {
      Job job = one(openJobs);
      if (random.nextInt(4) == 0) management.setJobRetries(job.getId(), 0);
      else for (int i = 0; i < 3; i++) try { management.executeJob(job.getId()); } catch (RuntimeException failed) { continue; }
    });
    if (!openExternal.isEmpty()) choice.accept(5, () -> {
      String id = one(openExternal).getId();
      switch (random.nextInt(4)) {
        case 0 -> external.lock(id, "worker", 3_600_000);
        case 1 -> external.setRetries(id, random.nextInt(3));
        default -> {
          external.lock(id, "worker", 1000);
          external.handleFailure(id, "worker", random.nextBoolean() ? "no luck" : null, random.nextBoolean() ? "details" : null,
              random.nextInt(3) == 0 ? 1 : 0, random.nextBoolean() ? 0 : 60_000);
        }
      }
    });
    choice.accept(3, () -> {
      String id = one(executions(instances)).getId();
      if (random.nextBoolean()) runtime.setVariablesLocal(id, some(1));
      else runtime.setVariables(id, some(1));
    });
    choice.accept(1, () -> runtime.setVariable(instances.get(random.nextInt(instances.size())), "amount", random.nextInt(7)));
    choice.accept(1, () -> {
      String id = instances.get(random.nextInt(instances.size()));
      runtime.removeVariables(id, List.of("v" + random.nextInt(6), "v" + random.nextInt(6)));
    });
    choice.accept(1, () -> {
      var found = executions(instances).stream().filter(e -> e.getActivityId() != null).toList();
      if (found.isEmpty()) return;
      String id = one(found).getId(); // as its configuration too: incidents of one configuration are removed together
      runtime.createIncident("custom", id, id, "made by hand");
    });
    choice.accept(1, () -> {
      String id = instances.get(random.nextInt(instances.size()));
      List<String> activities = activities(id);
      runtime.createProcessInstanceModification(id).startBeforeActivity(activities.get(random.nextInt(activities.size()))).execute();
    });
  }

  private <T> T one(List<T> list) { return list.get(random.nextInt(list.size())); }

  /** Random variables v0 … v5, none at all in all but one of `rarity` cases. */
  private VariableMap some(int rarity) {
    VariableMap map = Variables.createVariables();
    if (random.nextInt(rarity) > 0) return map;
    for (int n = 1 + random.nextInt(2); n > 0; n--) {
      String name = "v" + random.nextInt(6);
      switch (random.nextInt(9)) {
        case 0 -> map.put(name, random.nextInt(100));
        case 1 -> map.put(name, 5_000_000_000L + random.nextInt(100));
        case 2 -> map.put(name, random.nextBoolean());
        case 3 -> map.put(name, null);
        case 4 -> map.put(name, Date.from(Instant.parse("2030-05-06T07:08:09Z")));
        case 5 -> map.put(name, ("bytes " + random.nextInt(100)).getBytes(StandardCharsets.UTF_8));
        case 6 -> map.put(name, Variables.serializedObjectValue("{\"a\":" + random.nextInt(100) + "}")
            .serializationDataFormat("application/json").objectTypeName("java.util.LinkedHashMap").create());
        case 7 -> map.put(name, random.nextInt(100) / 4.0);
        default -> map.put(name, "text " + random.nextInt(100));
      }
    }
    return map;
  }

  // ---------------------------------------------------------------- what there is, sorted

  /** The instance and those it calls, directly or not. */
  private List<String> tree(String root) {
    places.clear();
    List<String> found = new ArrayList<>();
    collect(root, roots.getOrDefault(root, ""), found);
    return found;
  }

  private void collect(String instance, String place, List<String> found) {
    found.add(instance);
    var runtime = engine.getRuntimeService();
    Map<String, ExecutionEntity> executions = new HashMap<>();
    runtime.createExecutionQuery().processInstanceId(instance).list().forEach(e -> executions.put(e.getId(), (ExecutionEntity) e));
    Map<String, Object> loops = new HashMap<>();
    runtime.createVariableInstanceQuery().processInstanceIdIn(instance).variableName("loopCounter").list()
        .forEach(v -> loops.put(v.getExecutionId(), v.getValue()));
    executions.values().forEach(e -> places.put(e.getId(), place + place(e, executions, loops)));
    List<ProcessInstance> called = new ArrayList<>(runtime.createProcessInstanceQuery().superProcessInstanceId(instance).list());
    called.sort(Comparator.comparing(c -> places.getOrDefault(((ExecutionEntity) c).getSuperExecutionId(), "")));
    for (ProcessInstance child : called)
      if (!found.contains(child.getId())) // superProcessInstanceId finds direct ones only; be safe
        collect(child.getId(), places.getOrDefault(((ExecutionEntity) child).getSuperExecutionId(), "") + ">", found);
  }

  private static String place(ExecutionEntity e, Map<String, ExecutionEntity> executions, Map<String, Object> loops) {
    String above = e.getParentId() == null || !executions.containsKey(e.getParentId()) ? ""
        : place(executions.get(e.getParentId()), executions, loops);
    return above + "/" + (e.getActivityId() == null ? "" : e.getActivityId())
        + (loops.containsKey(e.getId()) ? "[" + loops.get(e.getId()) + "]" : "") + String.format("@%04d", e.getSequenceCounter());
  }

  private String at(String execution) { return places.getOrDefault(execution, ""); }

  private List<Task> openTasks(List<String> instances) {
    return engine.getTaskService().createTaskQuery().processInstanceIdIn(instances.toArray(String[]::new)).active().list().stream()
        .sorted(Comparator.comparing((Task t) -> at(t.getExecutionId())).thenComparing(Task::getTaskDefinitionKey)).toList();
  }

  private List<Job> openJobs(List<String> instances) {
    List<Job> found = new ArrayList<>();
    for (String id : instances) found.addAll(engine.getManagementService().createJobQuery().processInstanceId(id).list());
    found.sort(Comparator.comparing((Job j) -> at(j.getExecutionId())).thenComparing(this::activity).thenComparing(Job::getCreateTime));
    return found;
  }

  private String activity(Job job) {
    return engine.getManagementService().createJobDefinitionQuery().jobDefinitionId(job.getJobDefinitionId()).singleResult().getActivityId();
  }

  private List<ExternalTask> openExternal(List<String> instances) {
    return engine.getExternalTaskService().createExternalTaskQuery().processInstanceIdIn(instances.toArray(String[]::new)).list().stream()
        .sorted(Comparator.comparing((ExternalTask t) -> at(t.getExecutionId())).thenComparing(ExternalTask::getActivityId)).toList();
  }

  private List<EventSubscription> subscriptions(List<String> instances) {
    List<EventSubscription> found = new ArrayList<>();
    for (String id : instances) found.addAll(engine.getRuntimeService().createEventSubscriptionQuery().processInstanceId(id).list());
    found.removeIf(s -> s.getEventType().equals("compensate"));
    found.sort(Comparator.comparing((EventSubscription s) -> at(s.getExecutionId())).thenComparing(EventSubscription::getActivityId));
    return found;
  }

  private List<ExecutionEntity> executions(List<String> instances) {
    List<ExecutionEntity> found = new ArrayList<>();
    for (String id : instances)
      engine.getRuntimeService().createExecutionQuery().processInstanceId(id).list().forEach(e -> found.add((ExecutionEntity) e));
    found.sort(Comparator.comparing(e -> at(e.getId())));
    return found;
  }

  private List<String> activities(String instance) {
    String definition = engine.getRuntimeService().createProcessInstanceQuery().processInstanceId(instance).singleResult().getProcessDefinitionId();
    List<String> found = new ArrayList<>();
    collect((ProcessDefinitionEntity) engine.getRepositoryService().getProcessDefinition(definition), found);
    Collections.sort(found);
    return found;
  }

  private static void collect(org.operaton.bpm.engine.impl.pvm.process.ScopeImpl scope, List<String> found) {
    scope.getActivities().forEach(a -> {
      found.add(a.getId());
      collect(a, found);
    });
  }

  // ---------------------------------------------------------------- choices for an operation

  /**
   * At most `count` of the running instances (called ones too), ended instances, jobs or external tasks, of one definition
   * if `key` is given; perhaps none.
   */
  List<String> pick(String kind, int count, String key) {
    List<String> found = new ArrayList<>(switch (kind) {
      case "ended" -> ended(key);
      case "running" -> running().stream().filter(id -> key == null || key.equals(key(id))).toList();
      case "job" -> openJobs(running()).stream().map(Job::getId).toList();
      case "external" -> openExternal(running()).stream().map(ExternalTask::getId).toList();
      default -> throw new IllegalArgumentException("cannot pick " + kind);
    });
    Collections.shuffle(found, random);
    return found.subList(0, Math.min(count, found.size()));
  }

  /** The instance or one of those it calls, directly or not; none if it has ended. */
  List<String> oneOf(String root) { return alive(root) ? List.of(one(tree(root))) : List.of(); }

  /** An activity that a running instance of the definition is at, or one of its scopes; "nothing" if there is none. */
  String active(String key) {
    var found = new TreeSet<String>();
    for (String id : running())
      if (key.equals(key(id))) names(engine.getRuntimeService().getActivityInstance(id), found, true);
    List<String> list = new ArrayList<>(found);
    return list.isEmpty() ? "nothing" : one(list);
  }

  private static void names(org.operaton.bpm.engine.runtime.ActivityInstance instance, TreeSet<String> found, boolean top) {
    if (!top) found.add(instance.getActivityId());
    for (var transition : instance.getChildTransitionInstances()) found.add(transition.getActivityId());
    for (var child : instance.getChildActivityInstances()) names(child, found, false);
  }

  private List<String> running() {
    var all = new ArrayList<String>();
    var order = new ArrayList<>(roots.entrySet());
    order.sort(Map.Entry.comparingByValue());
    var places = new HashMap<String, String>();
    for (var root : order) {
      if (alive(root.getKey())) all.addAll(tree(root.getKey()));
      places.putAll(this.places);
    }
    this.places.putAll(places);
    return all;
  }

  private String key(String instance) {
    String definition = engine.getRuntimeService().createProcessInstanceQuery().processInstanceId(instance).singleResult().getProcessDefinitionId();
    return engine.getRepositoryService().getProcessDefinition(definition).getKey();
  }

  private List<String> ended(String key) {
    var query = engine.getHistoryService().createHistoricProcessInstanceQuery().finished();
    if (key != null) query.processDefinitionKey(key);
    List<HistoricProcessInstance> found = new ArrayList<>(query.list());
    found.sort(Comparator.comparing(HistoricProcessInstance::getStartTime).thenComparing(HistoricProcessInstance::getEndTime)
        .thenComparing(HistoricProcessInstance::getProcessDefinitionKey)
        .thenComparing(h -> roots.getOrDefault(h.getId(), "~")));
    return found.stream().map(HistoricProcessInstance::getId).toList();
  }
}
