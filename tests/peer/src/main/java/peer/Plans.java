package peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.operaton.bpm.engine.BadUserRequestException;
import org.operaton.bpm.engine.ProcessEngine;
import org.operaton.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.operaton.bpm.engine.impl.cmd.CreateMigrationPlanCmd;
import org.operaton.bpm.engine.impl.interceptor.CommandContext;
import org.operaton.bpm.engine.impl.migration.MigrationPlanBuilderImpl;
import org.operaton.bpm.engine.impl.persistence.entity.ProcessDefinitionEntity;
import org.operaton.bpm.engine.migration.MigrationPlan;

/** Migration plans between models; nothing is deployed, nothing written. */
final class Plans {

  private final ProcessEngineConfigurationImpl config;
  private final Models models;
  private final Map<String, ProcessDefinitionEntity> definitions = new HashMap<>();

  Plans(ProcessEngine engine) {
    this.config = (ProcessEngineConfigurationImpl) engine.getProcessEngineConfiguration();
    this.models = new Models(engine);
  }

  /**
   * `models`: files by their names, each with one process, whose id is that name. `plans`: `source`, `target`, and what the
   * engine's builder is told. Answers each with its instructions, or with the error.
   */
  ArrayNode make(JsonNode questions) {
    questions.get("models").fields().forEachRemaining(file ->
        definitions.put(file.getKey(), definition(file.getKey(), file.getValue().asText())));
    ArrayNode answers = Main.JSON.createArrayNode();
    for (JsonNode question : questions.get("plans")) answer(question, answers.addObject());
    return answers;
  }

  private ProcessDefinitionEntity definition(String name, String xml) {
    try {
      var definition = models.parse(name, xml.getBytes(StandardCharsets.UTF_8)).get(0);
      definition.setId(name);
      return definition;
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  private void answer(JsonNode question, ObjectNode out) {
    try {
      MigrationPlan plan = config.getCommandExecutorTxRequired().execute(new Create(builder(question)));
      ArrayNode instructions = out.putArray("instructions");
      plan.getInstructions().forEach(each -> instructions.addArray()
          .add(each.getSourceActivityId()).add(each.getTargetActivityId()).add(each.isUpdateEventTrigger()));
    } catch (RuntimeException e) {
      out.putObject("error").put("type", e.getClass().getSimpleName()).put("message", e.getMessage())
          .put("isBadRequest", e instanceof BadUserRequestException);
    }
  }

  private static MigrationPlanBuilderImpl builder(JsonNode question) {
    var builder = new MigrationPlanBuilderImpl(null, question.get("source").asText(), question.get("target").asText());
    if (question.path("mapEqualActivities").asBoolean()) builder.mapEqualActivities();
    if (question.path("updateEventTriggers").asBoolean()) builder.updateEventTriggers();
    for (JsonNode each : question.path("instructions")) {
      builder.mapActivities(each.get(0).textValue(), each.get(1).textValue());
      if (each.get(2).asBoolean()) builder.updateEventTrigger();
    }
    if (question.has("variables")) builder.setVariables(Values.variables(question.get("variables")));
    return builder;
  }

  /** The engine's own command, on these models. */
  private final class Create extends CreateMigrationPlanCmd {

    Create(MigrationPlanBuilderImpl builder) { super(builder); }

    @Override
    protected ProcessDefinitionEntity getProcessDefinition(CommandContext context, String id, String type) { return definitions.get(id); }
  }
}
