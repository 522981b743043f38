//! When the program should end: a signal, or the end of the process it belongs to.

use tokio::sync::watch;

use super::exit::{Exit, Failure};

/// Listens from now on: a signal that comes while the program is still starting is not lost, and not fatal to what
/// it has begun. `tied`: stdin is a pipe of our parent's, and its end is the parent's end, however that came about.
pub(super) fn told(tied: bool) -> Result<watch::Receiver<bool>, Failure> {
    let fail = |error: std::io::Error| Failure::new(Exit::Internal, format!("signals cannot be heard: {error}"));
    let (stop, stopped) = watch::channel(false);
    if tied {
        let stop = stop.clone();
        // A thread of its own: reading stdin cannot be given up, and must not hold the runtime back.
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            let _ = stop.send(true);
        });
    }
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt()).map_err(fail)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(fail)?;
        tokio::spawn(async move {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
            let _ = stop.send(true);
        });
    }
    #[cfg(not(unix))]
    {
        let mut interrupt = tokio::signal::windows::ctrl_c().map_err(fail)?;
        tokio::spawn(async move {
            let _ = interrupt.recv().await;
            let _ = stop.send(true);
        });
    }
    Ok(stopped)
}

/// Waits for it.
pub(super) async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
