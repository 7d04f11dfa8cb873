package peer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.operaton.bpm.engine.OptimisticLockingException;
import org.operaton.bpm.engine.ProcessEngine;
import org.operaton.bpm.engine.impl.jobexecutor.DefaultJobExecutor;
import org.operaton.bpm.engine.impl.util.ClockUtil;

/**
 * An engine at work: its job executor runs, threads complete tasks and external tasks, send the messages that are waited
 * for and give what failed another try, until nothing is left or it is told to stop. What another changed meanwhile it
 * tries again, what another took away it passes over; it tells how often. Each completion sets a variable, so that none
 * is lost unseen.
 */
class Live {

  private static final int TRIES = 5;
  private static final String AWAITED = "receive"; // how names of messages begin that are sent

  private final String url;
  private final Main.Args args;
  private final AtomicBoolean over = new AtomicBoolean();
  private final Map<String, AtomicInteger> done = new TreeMap<>();
  private final Map<String, Integer> passedOver = new TreeMap<>();

  Live(String url, Main.Args args) {
    this.url = url;
    this.args = args;
    for (String what : List.of("tasks", "externalTasks", "messages", "repaired")) done.put(what, new AtomicInteger());
  }

  void run(ObjectNode out) throws Exception {
    ClockUtil.reset();
    if (args.flag("prepare-only")) prepare();
    else work(out);
  }

  private void prepare() throws Exception {
    ProcessEngine engine = Main.config(url).buildProcessEngine();
    try {
      new LiveStock(engine, Path.of(args.option("models", ".")), Main.JSON.readTree(Files.readString(Path.of(args.word(1))))).prepare();
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
      for (int i = 0; i < 2; i++) pool.submit(() -> untilOver(20, () -> completeTasks(engine)));
      pool.submit(() -> untilOver(20, () -> completeExternalTasks(engine)));
      pool.submit(() -> untilOver(300, () -> sendMessages(engine)));
      pool.submit(() -> untilOver(300, () -> repair(engine)));
      waitForTheEnd(engine);
    } finally {
      over.set(true);
      pool.shutdown();
      pool.awaitTermination(30, TimeUnit.SECONDS);
      executor.shutdown();
      out.put("left", engine.getRuntimeService().createProcessInstanceQuery().count());
      engine.close();
    }
    done.forEach((what, number) -> out.put(what, number.get()));
    passedOver.forEach(out.putObject("passedOver")::put);
  }

  /** Nothing is left, the file that ends it is there, or it takes too long. */
  private void waitForTheEnd(ProcessEngine engine) throws InterruptedException {
    Instant limit = Instant.now().plus(Duration.ofSeconds(Long.parseLong(args.option("limit", "60"))));
    String until = args.option("until", null);
    while (engine.getRuntimeService().createProcessInstanceQuery().count() > 0 && Instant.now().isBefore(limit)
        && (until == null || Files.notExists(Path.of(until)))) Thread.sleep(100);
  }

  private interface Step { int done() throws Exception; }

  /** Again and again, with pauses when there was nothing to do. */
  private void untilOver(int pauseMillis, Step step) {
    while (!over.get()) {
      try {
        if (step.done() == 0) Thread.sleep(pauseMillis);
      } catch (Exception e) {
        passOver(e);
      }
    }
  }

  private synchronized void passOver(Exception e) { passedOver.merge(e.getClass().getSimpleName(), 1, Integer::sum); }

  /** Does a step and counts it; again if another changed what it was about to change. */
  private boolean does(String what, Runnable step) {
    for (int i = 0; i < TRIES; i++) {
      try {
        step.run();
        done.get(what).incrementAndGet();
        return true;
      } catch (OptimisticLockingException e) {
        passOver(e);
      } catch (RuntimeException e) {
        passOver(e);
        return false;
      }
    }
    return false;
  }

  /** Some tasks from anywhere among those that are open. */
  private int completeTasks(ProcessEngine engine) {
    var service = engine.getTaskService();
    int open = (int) service.createTaskQuery().count();
    if (open == 0) return 0;
    var some = service.createTaskQuery().orderByTaskId().asc().listPage(new Random().nextInt(open), 20);
    for (var task : some) does("tasks", () -> service.complete(task.getId(), variables("task-" + task.getId())));
    return some.size();
  }

  /** One that nothing else sets, and now and then other bytes for one that is there. */
  private static Map<String, Object> variables(String name) {
    var found = new HashMap<String, Object>(Map.of(name, true));
    if (name.hashCode() % 3 == 0) {
      var bytes = new byte[64];
      new Random().nextBytes(bytes);
      found.put("payload", bytes);
    }
    return found;
  }

  private int completeExternalTasks(ProcessEngine engine) {
    var service = engine.getExternalTaskService();
    var some = service.fetchAndLock(10, "live").topic("topic", 60_000).execute();
    for (var task : some) {
      boolean done = does("externalTasks", () -> service.complete(task.getId(), "live", variables("external-" + task.getId())));
      if (!done) release(engine, task.getId());
    }
    return some.size();
  }

  private void release(ProcessEngine engine, String externalTask) {
    try {
      engine.getExternalTaskService().unlock(externalTask);
    } catch (RuntimeException e) {
      passOver(e);
    }
  }

  private int sendMessages(ProcessEngine engine) {
    var runtime = engine.getRuntimeService();
    var some = runtime.createEventSubscriptionQuery().eventType("message").list().stream()
        .filter(each -> each.getEventName().startsWith(AWAITED)).limit(10).toList();
    for (var each : some) {
      does("messages", () -> runtime.messageEventReceived(each.getEventName(), each.getExecutionId(), variables("message-" + each.getId())));
    }
    return some.size();
  }

  /** What has no retries gets one, and what jobs need to succeed. */
  private int repair(ProcessEngine engine) {
    var management = engine.getManagementService();
    var jobs = management.createJobQuery().noRetriesLeft().listPage(0, 10);
    for (var job : jobs) {
      try {
        engine.getRuntimeService().setVariable(job.getProcessInstanceId(), "ready", true);
      } catch (RuntimeException e) {
        passOver(e);
        continue;
      }
      does("repaired", () -> management.setJobRetries(job.getId(), 1));
    }
    var external = engine.getExternalTaskService();
    var tasks = external.createExternalTaskQuery().noRetriesLeft().listPage(0, 10);
    for (var task : tasks) does("repaired", () -> external.setRetries(task.getId(), 1));
    return jobs.size() + tasks.size();
  }
}
