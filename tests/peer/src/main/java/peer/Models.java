package peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.operaton.bpm.engine.ProcessEngine;
import org.operaton.bpm.engine.impl.bpmn.behavior.SequentialMultiInstanceActivityBehavior;
import org.operaton.bpm.engine.impl.bpmn.behavior.UserTaskActivityBehavior;
import org.operaton.bpm.engine.impl.bpmn.deployer.BpmnDeployer;
import org.operaton.bpm.engine.impl.bpmn.parser.EventSubscriptionDeclaration;
import org.operaton.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.operaton.bpm.engine.impl.el.JuelExpressionManager;
import org.operaton.bpm.engine.impl.jobexecutor.TimerDeclarationImpl;
import org.operaton.bpm.engine.impl.migration.validation.instruction.UpdateEventTriggersValidator;
import org.operaton.bpm.engine.impl.persistence.entity.DeploymentEntity;
import org.operaton.bpm.engine.impl.persistence.entity.ProcessDefinitionEntity;
import org.operaton.bpm.engine.impl.pvm.process.ActivityImpl;
import org.operaton.bpm.engine.impl.pvm.process.ScopeImpl;
import org.operaton.bpm.engine.impl.pvm.process.TransitionImpl;

/** What the engine reads out of models, and what it makes of expressions; nothing is deployed, nothing written. */
final class Models {

  private final ProcessEngineConfigurationImpl config;

  Models(ProcessEngine engine) { this.config = (ProcessEngineConfigurationImpl) engine.getProcessEngineConfiguration(); }

  /** By file, all processes of the BPMN files in a folder. A file that the engine refuses: `refused`. */
  ObjectNode read(Path folder) throws IOException {
    ObjectNode answer = Main.JSON.createObjectNode();
    try (var files = Files.walk(folder)) {
      for (Path file : files.filter(each -> each.toString().matches(".*\\.bpmn(20\\.xml)?")).sorted().toList()) {
        ObjectNode processes = answer.putObject(folder.relativize(file).toString());
        try {
          for (var process : parse(file)) describe(process, processes.putObject(process.getKey()));
        } catch (RuntimeException e) {
          processes.put("refused", e.getMessage());
        }
      }
    }
    return answer;
  }

  private List<ProcessDefinitionEntity> parse(Path file) throws IOException { return parse(file.toString(), Files.readAllBytes(file)); }

  List<ProcessDefinitionEntity> parse(String name, byte[] bytes) {
    var deployer = (BpmnDeployer) config.getDeployers().stream().filter(BpmnDeployer.class::isInstance).findFirst().orElseThrow();
    return config.getCommandExecutorTxRequired().execute(context -> deployer.getBpmnParser().createParse()
        .sourceInputStream(new java.io.ByteArrayInputStream(bytes)).deployment(new DeploymentEntity())
        .name(name).execute().getProcessDefinitions());
  }

  private void describe(ProcessDefinitionEntity process, ObjectNode out) {
    listeners(process, out);
    declarations(process, out);
    out.put("initial", process.getInitial() == null ? null : process.getInitial().getId());
    children(process, process, out.putArray("activities"));
  }

  private void children(ProcessDefinitionEntity process, ScopeImpl scope, ArrayNode out) {
    for (ActivityImpl activity : scope.getActivities()) {
      describe(process, activity, out.addObject());
      children(process, activity, out);
    }
  }

  private void describe(ProcessDefinitionEntity process, ActivityImpl activity, ObjectNode out) {
    out.put("id", activity.getId()).put("name", (String) activity.getProperty("name")).put("type", (String) activity.getProperty("type"));
    out.put("flowScope", id(process, activity.getFlowScope())).put("isScope", activity.isScope());
    out.put("eventScope", id(process, activity.getEventScope()));
    out.put("startBehaviour", activity.getActivityStartBehavior().name());
    out.put("isSubProcess", activity.isSubProcessScope()).put("isTriggeredByEvent", activity.isTriggeredByEvent());
    out.put("isMultiInstance", activity.isMultiInstance());
    out.put("isSequential", activity.getActivityBehavior() instanceof SequentialMultiInstanceActivityBehavior);
    out.put("isAsyncBefore", activity.isAsyncBefore()).put("isAsyncAfter", activity.isAsyncAfter());
    out.put("isCompensationHandler", activity.isCompensationHandler());
    out.put("behaviour", activity.getActivityBehavior().getClass().getSimpleName());
    out.put("hasPersistentTrigger", UpdateEventTriggersValidator.definesPersistentEventTrigger(activity));
    declarations(activity, out);
    var handler = activity.findCompensationHandler();
    out.put("compensationHandler", handler == null ? null : handler.getId());
    listeners(activity, out);
    var tasks = out.putObject("taskListeners");
    if (activity.getActivityBehavior() instanceof UserTaskActivityBehavior behavior) {
      new TreeMap<>(behavior.getTaskDefinition().getTaskListeners()).forEach((event, own) -> tasks.put(event, own.size()));
    }
    var mapping = activity.getIoMapping();
    out.put("inputs", mapping == null ? 0 : mapping.getInputParameters().size());
    out.put("outputs", mapping == null ? 0 : mapping.getOutputParameters().size());
    out.put("incoming", activity.getIncomingTransitions().size());
    var outgoing = out.putArray("outgoing");
    activity.getOutgoingTransitions().forEach(flow ->
        outgoing.add(flow.getId() + " " + flow.getDestination().getId() + " " + ((TransitionImpl) flow).getListeners("take").size()));
  }

  /** How many execution listeners of the model there are for each event. */
  private static void listeners(ScopeImpl scope, ObjectNode out) {
    var counts = out.putObject("listeners");
    for (String event : List.of("start", "end")) {
      int own = scope.getListeners(event).size() - scope.getBuiltInListeners(event).size();
      if (own > 0) counts.put(event, own);
    }
  }

  /** What is made when the scope is entered. */
  private static void declarations(ScopeImpl scope, ObjectNode out) {
    var timers = out.putArray("timers");
    TimerDeclarationImpl.getDeclarationsForScope(scope).values().stream().map(Models::describe).sorted().forEach(timers::add);
    var listeners = out.putArray("timeoutListeners");
    TimerDeclarationImpl.getTimeoutListenerDeclarationsForScope(scope).values().stream()
        .flatMap(own -> own.values().stream()).map(Models::describe).sorted().forEach(listeners::add);
    var subscriptions = out.putArray("eventSubscriptions");
    EventSubscriptionDeclaration.getDeclarationsForScope(scope).values().stream().map(Models::describe).sorted().forEach(subscriptions::add);
  }

  private static String describe(TimerDeclarationImpl timer) {
    return String.join(" ", timer.getActivityId(), timer.getJobHandlerType(), rawConfiguration(timer), timer.getJobConfiguration(),
        String.valueOf(timer.isExclusive()), String.valueOf(timer.isInterruptingTimer()));
  }

  private static String rawConfiguration(TimerDeclarationImpl timer) {
    try {
      var field = TimerDeclarationImpl.class.getDeclaredField("rawJobHandlerConfiguration");
      field.setAccessible(true);
      return (String) field.get(timer);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String describe(EventSubscriptionDeclaration declaration) {
    String name = declaration.hasEventName() ? declaration.getUnresolvedEventName() : null;
    return String.join(" ", declaration.getActivityId(), declaration.getEventType(), String.valueOf(name),
        String.valueOf(declaration.isStartEvent()), String.valueOf(declaration.isAsync()));
  }

  private static String id(ProcessDefinitionEntity process, ScopeImpl scope) {
    return scope == null ? null : scope == process ? process.getKey() : scope.getId();
  }

  /** The value of each expression with its variables: its class and text, or `error`. */
  ArrayNode evaluate(JsonNode questions) {
    ArrayNode answers = Main.JSON.createArrayNode();
    var expressions = (JuelExpressionManager) config.getExpressionManager();
    for (JsonNode question : questions) {
      ObjectNode answer = answers.addObject();
      try {
        Object value = config.getCommandExecutorTxRequired().execute(context -> expressions
            .createValueExpression(question.get("expression").asText())
            .getValue(expressions.createElContext(Values.variables(question.get("variables")).asVariableContext())));
        answer.put("type", value == null ? "null" : value.getClass().getSimpleName()).put("value", String.valueOf(value));
      } catch (RuntimeException e) {
        answer.put("error", e.toString());
      }
    }
    return answers;
  }
}
