package peer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.operaton.bpm.engine.ProcessEngine;
import org.operaton.bpm.engine.impl.jobexecutor.DefaultJobExecutor;
import org.operaton.bpm.engine.impl.util.ClockUtil;
import org.operaton.bpm.engine.variable.Variables;

/**
 * An engine at work: its job executor runs, threads complete tasks and external tasks, until nothing is left. What another
 * took away meanwhile it passes over, and tells how often. Each completion sets a variable, so that none is lost unseen.
 */
class Live {

  private static final String[] ROOTS =
      {"live-tasks", "live-jobs", "live-external", "live-parallel", "live-call", "live-call-call"};

  private final String url;
  private final Main.Args args;
  private final AtomicBoolean over = new AtomicBoolean();
  private final AtomicInteger tasks = new AtomicInteger(), externalTasks = new AtomicInteger();
  private final Map<String, Integer> passedOver = new TreeMap<>();

  Live(String url, Main.Args args) {
    this.url = url;
    this.args = args;
  }

  void run(ObjectNode out) throws Exception {
    ClockUtil.reset();
    if (args.flag("prepare-only")) prepare(Integer.parseInt(args.word(1)));
    else work(out);
  }

  private void prepare(int n) throws Exception {
    ProcessEngine engine = Main.config(url).buildProcessEngine();
    try {
      var deployment = engine.getRepositoryService().createDeployment();
      Path models = Path.of(args.option("models", "."));
      deployment.addString("live-called.bpmn", Files.readString(models.resolve("live-called.bpmn")));
      for (String key : ROOTS) deployment.addString(key + ".bpmn", Files.readString(models.resolve(key + ".bpmn")));
      deployment.deploy();
      for (int i = 0; i < n; i++) {
        engine.getRuntimeService().startProcessInstanceByKey(ROOTS[i % ROOTS.length], "order-" + i,
            Variables.createVariables().putValue("amount", i).putValue("payload", new byte[64]));
      }
    } finally {
      engine.close();
    }
  }

  private void work(ObjectNode out) throws Exception {
    var config = Main.config(url);
    var executor = new DefaultJobExecutor();
    executor.setWaitTimeInMillis(50);
    executor.setMaxWait(200);
    executor.setBackoffTimeInMillis(5);
    executor.setMaxBackoff(20);
    config.setJobExecutor(executor);
    config.setJdbcMaxActiveConnections(20);
    ProcessEngine engine = config.buildProcessEngine();
    var pool = Executors.newCachedThreadPool();
    try {
      executor.start();
      for (int i = 0; i < 2; i++) pool.submit(() -> untilOver(() -> completeTasks(engine)));
      pool.submit(() -> untilOver(() -> completeExternalTasks(engine)));
      Instant limit = Instant.now().plus(Duration.ofSeconds(Long.parseLong(args.option("limit", "60"))));
      while (engine.getRuntimeService().createProcessInstanceQuery().count() > 0 && Instant.now().isBefore(limit)) Thread.sleep(50);
      out.put("left", engine.getRuntimeService().createProcessInstanceQuery().count());
    } finally {
      over.set(true);
      pool.shutdown();
      pool.awaitTermination(30, TimeUnit.SECONDS);
      executor.shutdown();
      engine.close();
    }
    out.put("tasks", tasks.get()).put("externalTasks", externalTasks.get());
    passedOver.forEach(out.putObject("passedOver")::put);
  }

  private interface Step { int done() throws Exception; }

  private void untilOver(Step step) {
    while (!over.get()) {
      try {
        if (step.done() == 0) Thread.sleep(20);
      } catch (Exception e) {
        passOver(e);
      }
    }
  }

  private synchronized void passOver(Exception e) { passedOver.merge(e.getClass().getSimpleName(), 1, Integer::sum); }

  /** Some tasks from anywhere among those that are open. */
  private int completeTasks(ProcessEngine engine) {
    var service = engine.getTaskService();
    int open = (int) service.createTaskQuery().count();
    if (open == 0) return 0;
    var some = service.createTaskQuery().orderByTaskId().asc().listPage(new Random().nextInt(open), 10);
    for (var task : some) {
      try {
        service.complete(task.getId(), Map.of("task-" + task.getId(), true));
        tasks.incrementAndGet();
      } catch (RuntimeException e) {
        passOver(e);
      }
    }
    return some.size();
  }

  private int completeExternalTasks(ProcessEngine engine) {
    var service = engine.getExternalTaskService();
    var some = service.fetchAndLock(10, "live").topic("live", 60_000).execute();
    for (var task : some) {
      try {
        service.complete(task.getId(), "live", Map.of("external-" + task.getId(), true));
        externalTasks.incrementAndGet();
      } catch (RuntimeException e) {
        passOver(e);
      }
    }
    return some.size();
  }
}
