package peer;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.operaton.bpm.engine.ProcessEngine;
import org.operaton.bpm.engine.variable.Variables;

/**
 * The instances that an engine at work finds: deploys files, starts instances in turn, lets some jobs and external tasks
 * fail, deploys what nothing runs in yet.
 */
class LiveStock {

  private static final int FAILS_ONE_OF = 3;

  private final ProcessEngine engine;
  private final Path models;
  private final JsonNode stock;

  LiveStock(ProcessEngine engine, Path models, JsonNode stock) {
    this.engine = engine;
    this.models = models;
    this.stock = stock;
  }

  void prepare() throws Exception {
    deploy(stock.get("deploy"));
    for (int i = 0; i < stock.get("instances").asInt(); i++) start(stock.get("starts").get(i % stock.get("starts").size()), i);
    for (JsonNode activity : stock.path("failingJobs")) failJobs(activity.asText());
    if (stock.path("failingExternalTasks").asBoolean()) failExternalTasks();
    for (JsonNode file : stock.path("later")) deploy(List.of(file));
  }

  private void deploy(Iterable<JsonNode> files) throws Exception {
    var deployment = engine.getRepositoryService().createDeployment();
    for (JsonNode file : files) deployment.addString(file.asText(), Files.readString(models.resolve(file.asText())));
    deployment.deploy();
  }

  /** Where the process starts, or before an activity. */
  private void start(JsonNode start, int number) {
    var builder = engine.getRuntimeService().createProcessInstanceByKey(start.get("key").asText()).businessKey("order-" + number)
        .setVariables(Variables.createVariables().putValue("amount", number).putValue("payload", new byte[64]));
    if (start.hasNonNull("before")) builder.startBeforeActivity(start.get("before").asText());
    builder.execute();
  }

  private void failJobs(String activity) {
    var management = engine.getManagementService();
    for (var job : management.createJobQuery().activityId(activity).list()) {
      management.setJobRetries(job.getId(), 1);
      try {
        management.executeJob(job.getId());
      } catch (RuntimeException failed) {
        // as it should: there is an incident now
      }
    }
  }

  private void failExternalTasks() {
    var service = engine.getExternalTaskService();
    int number = 0;
    for (var task : service.fetchAndLock(stock.get("instances").asInt(), "stock").topic("topic", 60_000).execute()) {
      if (number++ % FAILS_ONE_OF == 0) service.handleFailure(task.getId(), "stock", "no luck", "details", 0, 0);
      else service.unlock(task.getId());
    }
  }
}
