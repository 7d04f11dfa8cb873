package peer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.DriverManager;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.operaton.bpm.engine.ProcessEngine;
import org.operaton.bpm.engine.ProcessEngineConfiguration;
import org.operaton.bpm.engine.runtime.EventSubscription;
import org.operaton.bpm.engine.runtime.Job;

/**
 * Works on all instances until they have ended: the engine must find nothing wrong in a database left by someone else.
 * Conventions of the scenario processes: service tasks fail while variable `fail` is true, conditions wait for `go`.
 */
class CarryOn {

  private final ProcessEngine engine;
  private final String url;
  private final boolean eventsFirst;
  private final Set<String> triggered = new HashSet<>(); // a subscription that stays after its event is not interrupting
  private int tasks, jobs, externalTasks, events, activated;

  CarryOn(ProcessEngine engine, String url, boolean eventsFirst) {
    this.engine = engine;
    this.url = url;
    this.eventsFirst = eventsFirst;
  }

  void run(ObjectNode out) throws Exception {
    var runtime = engine.getRuntimeService();
    long instances = runtime.createProcessInstanceQuery().count();
    int round = 0;
    while (runtime.createProcessInstanceQuery().count() > 0 || waitingJobs()) {
      if (++round > 300) throw new IllegalStateException("instances do not end: " + left());
      activate();
      // one kind of work a round, so that each round starts from what the database holds
      boolean worked = eventsFirst
          ? event() || timers() || messages() || tasks() || externalTasks()
          : messages() || tasks() || externalTasks() || timers() || event();
      if (!worked) throw new IllegalStateException("stuck: " + left());
    }
    out.put("instances", instances).put("userTasks", tasks).put("jobs", jobs).put("externalTasks", externalTasks)
        .put("events", events).put("activated", activated);
    leftovers(out);
  }

  /** Jobs of no instance too: those of timer start events and of batches. */
  private boolean waitingJobs() {
    var management = engine.getManagementService();
    return management.createJobQuery().messages().count() + management.createJobQuery().timers().count() > 0;
  }

  private void activate() {
    var runtime = engine.getRuntimeService();
    runtime.createProcessInstanceQuery().suspended().list().forEach(pi -> {
      runtime.activateProcessInstanceById(pi.getId());
      activated++;
    });
  }

  private boolean tasks() {
    var found = engine.getTaskService().createTaskQuery().active().listPage(0, 1);
    found.forEach(t -> engine.getTaskService().complete(t.getId()));
    tasks += found.size();
    return !found.isEmpty();
  }

  private boolean messages() { return job(engine.getManagementService().createJobQuery().messages().listPage(0, 1)); }

  private boolean timers() { return job(engine.getManagementService().createJobQuery().timers().listPage(0, 1)); }

  private boolean job(List<Job> found) {
    for (Job job : found) {
      String instance = job.getProcessInstanceId();
      if (instance != null && Boolean.TRUE.equals(engine.getRuntimeService().getVariable(instance, "fail")))
        engine.getRuntimeService().setVariable(instance, "fail", false);
      engine.getManagementService().executeJob(job.getId());
      jobs++;
    }
    return !found.isEmpty();
  }

  private boolean externalTasks() {
    var service = engine.getExternalTaskService();
    var found = service.createExternalTaskQuery().active().listPage(0, 1);
    found.forEach(t -> {
      if (t.getRetries() != null && t.getRetries() == 0) service.setRetries(t.getId(), 1);
      if (t.getWorkerId() != null) service.unlock(t.getId());
      service.lock(t.getId(), "carry-on", 60_000);
      service.complete(t.getId(), "carry-on");
      externalTasks++;
    });
    return !found.isEmpty();
  }

  private boolean event() {
    var runtime = engine.getRuntimeService();
    for (EventSubscription s : runtime.createEventSubscriptionQuery().list()) {
      if (s.getExecutionId() == null) continue; // a start event of a definition
      if (triggered.contains(s.getId())) continue;
      switch (s.getEventType()) {
        case "message" -> runtime.messageEventReceived(s.getEventName(), s.getExecutionId());
        case "signal" -> runtime.signalEventReceived(s.getEventName(), s.getExecutionId());
        case "conditional" -> runtime.setVariables(s.getProcessInstanceId(), Map.of("go", true));
        default -> { continue; } // compensation waits for its throw event
      }
      triggered.add(s.getId());
      events++;
      return true;
    }
    return false;
  }

  private String left() {
    var left = new StringBuilder();
    engine.getRuntimeService().createExecutionQuery().list()
        .forEach(e -> left.append(e).append(" in ").append(engine.getRuntimeService().getActiveActivityIds(e.getId())).append("; "));
    return left.toString();
  }

  /** Runtime rows that should be gone with the last instance; 0 everywhere is the proof. */
  private void leftovers(ObjectNode out) throws Exception {
    ObjectNode left = out.putObject("leftovers");
    var checks = Map.of(
        "ACT_RU_EXECUTION", "true", "ACT_RU_TASK", "true", "ACT_RU_VARIABLE", "true", "ACT_RU_EXT_TASK", "true",
        "ACT_RU_INCIDENT", "true", "ACT_RU_JOB", "PROCESS_INSTANCE_ID_ is not null",
        "ACT_RU_EVENT_SUBSCR", "EXECUTION_ID_ is not null", "ACT_RU_IDENTITYLINK", "TASK_ID_ is not null",
        "ACT_HI_PROCINST", "END_TIME_ is null", "ACT_HI_ACTINST", "END_TIME_ is null");
    try (var db = DriverManager.getConnection(url); var statement = db.createStatement()) {
      for (var check : new java.util.TreeMap<>(checks).entrySet()) {
        try (var rows = statement.executeQuery("select count(*) from " + check.getKey() + " where " + check.getValue())) {
          rows.next();
          if (rows.getInt(1) > 0) left.put(check.getKey(), rows.getInt(1));
        }
      }
    }
  }
}
