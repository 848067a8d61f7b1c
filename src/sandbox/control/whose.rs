//! Which component is meant when it was left out.

use super::ControlError;
use crate::sandbox::state::World;

/// The component that is meant: the one named, or the only one.
pub(super) fn the_component(world: &World, named: Option<&str>) -> Result<String, ControlError> {
    match named.filter(|name| !name.is_empty()) {
        Some(name) => Ok(world.component(name).map(|component| component.appid.clone())?),
        None if world.components.len() == 1 => {
            Ok(world.components.keys().next().cloned().unwrap_or_default())
        }
        None => Err(ControlError("name the component: there is not exactly one".to_owned())),
    }
}

/// The component that the account granted to: the one named, the only grant, or the only component.
pub(super) fn granting(world: &World, named: Option<&str>, account: &str) -> Result<String, ControlError> {
    let mut holders =
        world.grants.keys().filter(|(_, granted)| granted == account).map(|(component, _)| component);
    match (named.filter(|name| !name.is_empty()), holders.next(), holders.next()) {
        (None, Some(only), None) => Ok(only.clone()),
        (named, _, _) => the_component(world, named),
    }
}
