package peer;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.operaton.bpm.engine.ProcessEngine;
import org.operaton.bpm.engine.batch.Batch;
import org.operaton.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.operaton.bpm.engine.impl.jobexecutor.DefaultJobExecutor;
import org.operaton.bpm.engine.impl.util.ClockUtil;
import org.operaton.bpm.engine.variable.Variables;

/** Times one of Operaton's batches over N instances, from its creation to its end, job executor running. */
class Bench {

  private final String url;
  private final String type;
  private final int n;
  private final String settings;
  private final Main.Args args;

  Bench(String url, Main.Args args) {
    this.url = url;
    this.args = args;
    type = args.word(1);
    n = Integer.parseInt(args.word(2));
    settings = args.option("settings", "default");
  }

  /** What the batch works on: instances waiting in a user task, finished ones, failed jobs or failed external tasks. */
  private String stock() {
    return switch (type) {
      case "cancellation", "migration", "migrationIntoScope", "modification" -> "running";
      case "historicDeletion", "restart" -> "finished";
      case "jobRetries" -> "failedJobs";
      case "externalTaskRetries" -> "failedExternalTasks";
      default -> throw new IllegalArgumentException("no such operation: " + type);
    };
  }

  void run(ObjectNode out) throws Exception {
    ClockUtil.reset();
    out.put("type", type).put("n", n).put("settings", settings);
    if (!args.flag("reuse")) {
      long start = System.nanoTime();
      prepare();
      out.put("setup_s", seconds(start));
      if (args.flag("prepare-only")) return;
    }
    var config = config();
    ProcessEngine engine = config.buildProcessEngine();
    try (Connection db = DriverManager.getConnection(url)) {
      ObjectNode op = operation(engine, db);
      if (op.get("ids").size() != n) throw new IllegalStateException("found " + op.get("ids").size() + " of " + n);
      config.getJobExecutor().start();
      long start = System.nanoTime();
      Batch batch = new Operation(engine, op).create();
      out.put("create_s", seconds(start));
      long limit = Long.parseLong(args.option("limit", "600"));
      boolean worked = false;
      while (count(db, "ACT_RU_BATCH where ID_ = '" + batch.getId() + "'") > 0) {
        if (!worked && count(db, "ACT_RU_BATCH where ID_ = '" + batch.getId() + "' and JOBS_CREATED_ = TOTAL_JOBS_") > 0
            && !exists(db, "ACT_RU_JOB where JOB_DEF_ID_ = '" + batch.getBatchJobDefinitionId() + "'")) {
          worked = true;
          out.put("work_s", seconds(start)); // the last batch job is done; the batch itself ends with its monitor job
        }
        if (seconds(start) > limit) {
          long left = count(db, "ACT_RU_JOB where JOB_DEF_ID_ = '" + batch.getBatchJobDefinitionId() + "'");
          out.put("unfinished_after_s", seconds(start)).put("jobs", batch.getTotalJobs()).put("jobs_left", left);
          return;
        }
        Thread.sleep(50);
      }
      double batchSeconds = seconds(start);
      if (!worked) out.put("work_s", batchSeconds);
      out.put("batch_s", batchSeconds).put("instances_per_s", Math.round(n / batchSeconds))
          .put("instances_per_work_s", Math.round(n / out.get("work_s").asDouble())).put("jobs", batch.getTotalJobs());
      verify(db, out);
    } finally {
      config.getJobExecutor().shutdown();
      engine.close();
    }
  }

  private ProcessEngineConfigurationImpl config() {
    var config = Main.config(url);
    config.setMetricsEnabled(true); // as Operaton has it by default
    config.setDbMetricsReporterActivate(true);
    config.setTaskMetricsEnabled(true);
    var executor = new DefaultJobExecutor();
    config.setJobExecutor(executor);
    if (settings.equals("tuned")) {
      config.setInvocationsPerBatchJob(100);
      config.setBatchJobsPerSeed(1000);
      config.setBatchPollTime(1);
      config.setJdbcMaxActiveConnections(20);
      executor.setCorePoolSize(8);
      executor.setMaxPoolSize(8);
      executor.setQueueSize(32);
      executor.setMaxJobsPerAcquisition(16);
      executor.setWaitTimeInMillis(100);
      executor.setMaxWait(500);
    }
    return config;
  }

  // setup

  private void prepare() throws Exception {
    // the setup's commits need not wait for the disk; the engine that is measured connects without this
    String fast = url + (url.contains("?") ? "&" : "?") + "options=-c%20synchronous_commit%3Doff";
    ProcessEngine engine = Main.config(fast).buildProcessEngine();
    try {
      Path models = Path.of(args.option("models", "."));
      for (String file : new String[] {"bench-user.bpmn", "bench-user-v2.bpmn", "bench-user-scope-v3.bpmn", "bench-failing.bpmn",
          "bench-external.bpmn"})
        engine.getRepositoryService().createDeployment().name(file)
            .addString(file, Files.readString(models.resolve(file))).deploy();
      String key = switch (stock()) {
        case "failedJobs" -> "bench-failing";
        case "failedExternalTasks" -> "bench-external";
        default -> "bench-user";
      };
      String definition = engine.getRepositoryService().createProcessDefinitionQuery().processDefinitionKey(key)
          .processDefinitionVersion(1).singleResult().getId();
      byte[] payload = new byte[1024];
      var failure = new AtomicReference<Exception>();
      var pool = Executors.newFixedThreadPool(4);
      for (int i = 0; i < n; i++) {
        int number = i;
        pool.submit(() -> {
          try {
            one(engine, definition, number, payload);
          } catch (Exception e) {
            failure.compareAndSet(null, e);
          }
        });
      }
      pool.shutdown();
      pool.awaitTermination(1, TimeUnit.HOURS);
      if (failure.get() != null) throw failure.get();
      if (stock().equals("failedExternalTasks")) failExternalTasks(engine);
      // a repaired job would be run again at once and fail again; suspended, it stays as the batch leaves it
      if (stock().equals("failedJobs"))
        engine.getManagementService().suspendJobDefinitionByProcessDefinitionId(definition, true);
    } finally {
      engine.close();
    }
    try (Connection db = DriverManager.getConnection(url); var statement = db.createStatement()) {
      statement.execute("vacuum analyze");
      statement.execute("checkpoint");
    }
  }

  private void one(ProcessEngine engine, String definition, int number, byte[] payload) {
    String id = engine.getRuntimeService().startProcessInstanceById(definition, "order-" + number,
        Variables.createVariables().putValue("customer", "customer " + number).putValue("amount", number * 1.25)
            .putValue("orderId", (long) number).putValue("payload", payload)).getId();
    switch (stock()) {
      case "finished" -> {
        for (String task : new String[] {"review", "book"})
          engine.getTaskService().complete(engine.getTaskService().createTaskQuery().processInstanceId(id)
              .taskDefinitionKey(task).singleResult().getId());
      }
      case "failedJobs" -> {
        String job = engine.getManagementService().createJobQuery().processInstanceId(id).singleResult().getId();
        try {
          engine.getManagementService().executeJob(job);
        } catch (RuntimeException wanted) {
          return;
        }
        throw new IllegalStateException("the job did not fail");
      }
      default -> { }
    }
  }

  private void failExternalTasks(ProcessEngine engine) {
    var service = engine.getExternalTaskService();
    for (var locked = service.fetchAndLock(200, "bench").topic("bench", 600_000).execute(); !locked.isEmpty();
        locked = service.fetchAndLock(200, "bench").topic("bench", 600_000).execute())
      locked.forEach(t -> service.handleFailure(t.getId(), "bench", "no luck", "details", 0, 0));
  }

  // the measured operation

  private ObjectNode operation(ProcessEngine engine, Connection db) throws Exception {
    ObjectNode op = Main.JSON.createObjectNode().put("type", type);
    ArrayNode ids = op.putArray("ids");
    String sql = switch (stock()) {
      case "running" -> "select ID_ from ACT_RU_EXECUTION where PARENT_ID_ is null";
      case "finished" -> "select ID_ from ACT_HI_PROCINST where END_TIME_ is not null";
      case "failedJobs" -> "select ID_ from ACT_RU_JOB where RETRIES_ = 0";
      default -> "select ID_ from ACT_RU_EXT_TASK where RETRIES_ = 0";
    };
    try (var statement = db.createStatement(); var rows = statement.executeQuery(sql)) {
      while (rows.next()) ids.add(rows.getString(1));
    }
    var definitions = engine.getRepositoryService().createProcessDefinitionQuery().processDefinitionKey("bench-user")
        .orderByProcessDefinitionVersion().asc().list();
    switch (type) {
      case "cancellation", "historicDeletion" -> op.put("deleteReason", "bench");
      case "jobRetries", "externalTaskRetries" -> op.put("retries", 3);
      case "migration" -> op.putObject("plan").put("sourceProcessDefinitionId", definitions.get(0).getId())
          .put("targetProcessDefinitionId", definitions.get(1).getId()).put("mapEqualActivities", true);
      case "migrationIntoScope" -> op.put("type", "migration").putObject("plan")
          .put("sourceProcessDefinitionId", definitions.get(0).getId())
          .put("targetProcessDefinitionId", definitions.get(2).getId()).putArray("instructions")
          .add(instruction("review")).add(instruction("late"));
      case "modification" -> {
        op.put("processDefinitionId", definitions.get(0).getId());
        var instructions = op.putArray("instructions");
        instructions.addObject().put("type", "startBeforeActivity").put("activityId", "book");
        instructions.addObject().put("type", "cancel").put("activityId", "review");
      }
      default -> op.put("processDefinitionId", definitions.get(0).getId()).putArray("instructions").addObject()
          .put("type", "startBeforeActivity").put("activityId", "book");
    }
    return op;
  }

  private static ObjectNode instruction(String activity) {
    ObjectNode instruction = Main.JSON.createObjectNode();
    instruction.putArray("sourceActivityIds").add(activity);
    instruction.putArray("targetActivityIds").add(activity);
    return instruction;
  }

  private void verify(Connection db, ObjectNode out) throws Exception {
    long done = switch (type) {
      case "cancellation" -> count(db, "ACT_HI_PROCINST where STATE_ = 'EXTERNALLY_TERMINATED'");
      case "historicDeletion" -> n - count(db, "ACT_HI_PROCINST");
      case "jobRetries" -> count(db, "ACT_RU_JOB where RETRIES_ = 3 and PROCESS_INSTANCE_ID_ is not null");
      case "externalTaskRetries" -> count(db, "ACT_RU_EXT_TASK where RETRIES_ = 3");
      case "migration" -> count(db, "ACT_RU_EXECUTION where PARENT_ID_ is null and PROC_DEF_ID_ like 'bench-user:2:%'");
      case "migrationIntoScope" ->
          count(db, "ACT_RU_EXECUTION where PARENT_ID_ is null and PROC_DEF_ID_ like 'bench-user:3:%'");
      default -> count(db, "ACT_RU_TASK where TASK_DEF_KEY_ = 'book'");
    };
    out.put("verified", done == n);
  }

  private static long count(Connection db, String from) throws Exception {
    try (var statement = db.createStatement(); var rows = statement.executeQuery("select count(*) from " + from)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private static boolean exists(Connection db, String from) throws Exception {
    try (var statement = db.createStatement(); var rows = statement.executeQuery("select 1 from " + from + " limit 1")) {
      return rows.next();
    }
  }

  private static double seconds(long start) { return Math.round((System.nanoTime() - start) / 1e7) / 100.0; }
}
