package peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Date;
import java.util.List;
import java.util.TreeMap;
import org.operaton.bpm.engine.ProcessEngine;
import org.operaton.bpm.engine.impl.util.ClockUtil;

/** Deploys what a scenario needs, drives its instances with its steps, resolves its operation's references. */
class Setup {

  private final ProcessEngine engine;
  private final Path models;
  private final References references;

  Setup(ProcessEngine engine, Path models) {
    this.engine = engine;
    this.models = models;
    references = new References(engine);
  }

  JsonNode run(JsonNode scenario) throws Exception {
    for (JsonNode model : scenario.get("deploy")) deploy(model);
    var steps = new Steps(engine, references);
    for (JsonNode step : scenario.get("setup")) {
      var verb = step.fields().next();
      try {
        steps.run(verb.getKey(), verb.getValue());
      } catch (Exception e) {
        throw new IllegalStateException("step " + step + ": " + e.getMessage(), e);
      }
    }
    engine.getIdentityService().clearAuthentication();
    ObjectNode operation = (ObjectNode) references.resolve(scenario.get("operation"));
    if (operation.path("plan").path("mapEqualActivities").asBoolean() && !scenario.path("asWritten").asBoolean()) spellOut(operation);
    ClockUtil.setCurrentTime(Date.from(Main.T_APPLY)); // some queries ask for the time
    var items = new Operation(engine, operation).items();
    if (items != null) operation.set("items", Main.JSON.valueToTree(items));
    return operation;
  }

  private void deploy(JsonNode model) throws Exception {
    String file = model.isTextual() ? model.asText() : model.get("file").asText();
    var deployment = engine.getRepositoryService().createDeployment().name(file)
        .addString(file, Files.readString(models.resolve(file)));
    if (model.hasNonNull("tenant")) deployment.tenantId(model.get("tenant").asText());
    deployment.deploy();
  }

  /** Replaces mapEqualActivities by the instructions Operaton generates, so that both sides get one explicit plan. */
  private void spellOut(ObjectNode operation) {
    ObjectNode plan = (ObjectNode) operation.get("plan");
    var sorted = new TreeMap<String, ObjectNode>();
    new Operation(engine, operation).plan().getInstructions().forEach(i -> {
      ObjectNode instruction = Main.JSON.createObjectNode();
      instruction.putArray("sourceActivityIds").add(i.getSourceActivityId());
      instruction.putArray("targetActivityIds").add(i.getTargetActivityId());
      instruction.put("updateEventTrigger", i.isUpdateEventTrigger());
      sorted.put(i.getSourceActivityId(), instruction);
    });
    plan.remove(List.of("mapEqualActivities", "updateEventTriggers"));
    plan.putArray("instructions").addAll(sorted.values());
  }
}
