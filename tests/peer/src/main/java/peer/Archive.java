package peer;

import org.operaton.bpm.engine.delegate.DelegateExecution;
import org.operaton.bpm.engine.delegate.ExecutionListener;

/** Java code at the end of a process instance: it leaves a variable, or fails where `archiveClosed` is set. */
public class Archive implements ExecutionListener {

  @Override
  public void notify(DelegateExecution execution) {
    if (Boolean.TRUE.equals(execution.getVariable("archiveClosed"))) throw new IllegalStateException("the archive is closed");
    execution.setVariable("archived", execution.getProcessInstanceId());
  }
}
