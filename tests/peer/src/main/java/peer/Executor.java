package peer;

import org.operaton.bpm.engine.ProcessEngine;
import org.operaton.bpm.engine.impl.jobexecutor.DefaultJobExecutor;

/** An engine whose job executor is on, in a program of its own, until its standard input ends. */
class Executor {

  static void run(String url, Settings settings) throws Exception {
    settings.setTimeZone();
    var config = Main.config(url);
    settings.configure(config);
    var executor = new DefaultJobExecutor();
    executor.setWaitTimeInMillis(100);
    executor.setMaxWait(300);
    config.setJobExecutor(executor);
    config.setBatchPollTime(1);
    ProcessEngine engine = config.buildProcessEngine();
    executor.start();
    System.out.println(Main.JSON.createObjectNode().put("verb", "execute").put("started", true));
    System.out.flush();
    while (System.in.read() >= 0) {
      // until it is closed
    }
    executor.shutdown();
    engine.close();
    System.exit(0);
  }
}
