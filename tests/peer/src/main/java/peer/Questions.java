package peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Instant;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.operaton.bpm.engine.ProcessEngine;
import org.operaton.bpm.engine.externaltask.ExternalTask;
import org.operaton.bpm.engine.history.HistoricProcessInstance;
import org.operaton.bpm.engine.query.Query;
import org.operaton.bpm.engine.runtime.Job;
import org.operaton.bpm.engine.runtime.ProcessInstance;
import org.operaton.bpm.engine.variable.Variables;

/** Asks queries of the Java API. A question is a list of calls, each the name of a method and its arguments. */
final class Questions {

  private final ProcessEngine engine;

  Questions(ProcessEngine engine) { this.engine = engine; }

  /** The ids that answer each question, in order, or the exception it ended with. */
  ArrayNode ask(String kind, JsonNode questions) {
    ArrayNode answers = Main.JSON.createArrayNode();
    for (JsonNode question : questions) {
      try {
        ArrayNode ids = answers.addArray();
        ask(kind, query(kind), question).forEach(ids::add);
      } catch (RuntimeException e) {
        answers.set(answers.size() - 1, Main.JSON.getNodeFactory().textNode(e.toString()));
      }
    }
    return answers;
  }

  private Query<?, ?> query(String kind) {
    return switch (kind) {
      case "processInstances" -> engine.getRuntimeService().createProcessInstanceQuery();
      case "historicProcessInstances" -> engine.getHistoryService().createHistoricProcessInstanceQuery();
      case "jobs" -> engine.getManagementService().createJobQuery();
      case "externalTasks" -> engine.getExternalTaskService().createExternalTaskQuery();
      default -> throw new IllegalArgumentException("no such query: " + kind);
    };
  }

  private static Set<String> ask(String kind, Query<?, ?> query, JsonNode calls) {
    Object current = query;
    for (JsonNode call : calls) current = call(current, call);
    var ids = new TreeSet<String>();
    for (Object found : query.list()) ids.add(id(kind, found));
    return ids;
  }

  private static String id(String kind, Object found) {
    return switch (kind) {
      case "processInstances" -> ((ProcessInstance) found).getId();
      case "historicProcessInstances" -> ((HistoricProcessInstance) found).getId();
      case "jobs" -> ((Job) found).getId();
      default -> ((ExternalTask) found).getId();
    };
  }

  /** Methods of a query return it, but for or and endOr. */
  private static Object call(Object query, JsonNode call) {
    String name = call.get(0).asText();
    for (Method method : query.getClass().getMethods()) {
      if (!method.getName().equals(name) || method.getParameterCount() != call.size() - 1) continue;
      Object[] arguments = new Object[call.size() - 1];
      for (int i = 0; i < arguments.length; i++) arguments[i] = argument(call.get(i + 1), method.getParameterTypes()[i]);
      try {
        return method.invoke(query, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause() instanceof RuntimeException r ? r : new IllegalStateException(e.getCause());
      } catch (IllegalAccessException e) {
        throw new IllegalStateException(e);
      }
    }
    throw new IllegalArgumentException("no such method of the query: " + call);
  }

  private static Object argument(JsonNode node, Class<?> type) {
    if (type == Object.class) return variable(node);
    if (type == Date.class) return Date.from(Instant.parse(node.asText()));
    if (type == Set.class) return new HashSet<>(Queries.strings(node));
    if (type == List.class) return Queries.strings(node);
    if (type == String[].class) return Queries.strings(node).toArray(String[]::new);
    return Main.JSON.convertValue(node, type);
  }

  /** A value as the REST API makes it of JSON, or {type, value}. */
  private static Object variable(JsonNode node) {
    if (node.isNull()) return null;
    if (node.isTextual()) return node.asText();
    if (node.isBoolean()) return node.asBoolean();
    if (node.isNumber()) return Variables.numberValue(node.numberValue());
    JsonNode value = node.path("value");
    boolean empty = value.isNull() || value.isMissingNode();
    return switch (node.get("type").asText()) {
      case "String" -> Variables.stringValue(empty ? null : value.asText());
      case "Boolean" -> value.asBoolean();
      case "Short" -> (short) value.asInt();
      case "Integer" -> value.asInt();
      case "Long" -> value.asLong();
      case "Double" -> value.asDouble();
      case "Date" -> Date.from(Instant.parse(value.asText()));
      default -> null;
    };
  }
}
