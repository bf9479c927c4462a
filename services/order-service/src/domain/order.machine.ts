import { justMade, machine, NEW } from '@oms/chassis/machine';
import { orderStatuses, type OrderStatus } from '@oms/contracts';
import * as changes from './changes.js';
import * as guards from './guards.js';
import type { OrderInputs, OrderState } from './order.js';

const { notHeld, held, shippable, cancellable, nothingLeftOpen, nothingShipped, somethingShipped } = guards;
const { shippedIsDelivered, parcelsUnderWay, deliveryTimeIsSane, lastParcels, allCameBack, restComesBack } = guards;

/** The whole life of an order, read from top to bottom: the first row whose guards hold wins. */
export const orderMachine = machine<OrderState, OrderInputs>()<OrderStatus>({
  name: 'order',
  statuses: orderStatuses,
  terminal: ['cancelled', 'returned'],
  transitions: ['confirm', 'process', 'ship', 'deliver', 'cancel', 'return'],
  rows: [
    { from: NEW, on: 'place', to: 'pending', emits: ['order.placed'], because: 'a customer wants to buy' },

    { from: 'pending', on: 'confirm', guard: [notHeld], to: 'confirmed', again: justMade, emits: ['order.confirmed'], because: 'it is paid, or staff vouch for it' },
    { from: 'confirmed', on: 'process', guard: [notHeld], to: 'processing', again: justMade, emits: ['order.processing'], because: 'the warehouse works on it' },

    { from: 'processing', on: 'ship', guard: [notHeld, shippable, nothingLeftOpen], to: 'shipped', again: justMade, does: changes.addShipment,
      emits: ['order.shipment_created', 'order.shipped'], because: 'a parcel left and nothing is left to ship' },
    { from: 'processing', on: 'ship', guard: [notHeld, shippable], to: 'processing', does: changes.addShipment,
      emits: ['order.shipment_created'], because: 'a parcel left with a part of it' },

    { from: 'shipped', on: 'deliver', guard: [parcelsUnderWay, deliveryTimeIsSane, lastParcels], to: 'delivered', again: justMade, does: changes.deliverShipments,
      emits: ['order.shipment_delivered', 'order.delivered'], because: 'the last parcel arrived' },
    { from: 'shipped', on: 'deliver', guard: [parcelsUnderWay, deliveryTimeIsSane], to: 'shipped', again: justMade, does: changes.deliverShipments,
      emits: ['order.shipment_delivered'], because: 'a parcel arrived, others are under way' },
    { from: 'processing', on: 'deliver', guard: [parcelsUnderWay, deliveryTimeIsSane], to: 'processing', again: justMade, does: changes.deliverShipments,
      emits: ['order.shipment_delivered'], because: 'a parcel arrived while the rest is being packed' },

    { from: ['pending', 'confirmed', 'processing'], on: 'cancel', guard: [nothingShipped], to: 'cancelled', again: justMade, does: changes.cancelAll,
      emits: ['order.cancelled'], because: 'nothing has left; what was paid is voided or refunded' },
    { from: ['pending', 'confirmed', 'processing'], on: 'cancel_items', guard: [cancellable, nothingLeftOpen, nothingShipped], to: 'cancelled', again: justMade, does: changes.cancelRest,
      emits: ['order.cancelled'], because: 'the last of it was cancelled' },
    { from: 'processing', on: 'cancel_items', guard: [cancellable, nothingLeftOpen, somethingShipped, shippedIsDelivered], to: 'delivered', again: justMade, does: changes.cancelLines,
      emits: ['order.items_cancelled', 'order.delivered'], because: 'the rest is cancelled and what was shipped has arrived' },
    { from: 'processing', on: 'cancel_items', guard: [cancellable, nothingLeftOpen, somethingShipped], to: 'shipped', again: justMade, does: changes.cancelLines,
      emits: ['order.items_cancelled', 'order.shipped'], because: 'the rest is cancelled, so nothing is left to ship' },
    { from: 'pending', on: 'cancel_items', guard: [cancellable], to: 'pending', again: justMade, does: changes.cancelLines, emits: ['order.items_cancelled'], because: 'a part is cancelled' },
    { from: 'confirmed', on: 'cancel_items', guard: [cancellable], to: 'confirmed', again: justMade, does: changes.cancelLines, emits: ['order.items_cancelled'], because: 'a part is cancelled' },
    { from: 'processing', on: 'cancel_items', guard: [cancellable], to: 'processing', again: justMade, does: changes.cancelLines, emits: ['order.items_cancelled'], because: 'a part is cancelled' },

    ...(['pending', 'confirmed', 'processing'] as const).flatMap((status) => [
      { from: status, on: 'hold' as const, guard: [notHeld], to: status, again: justMade, does: changes.putOnHold, emits: ['order.held'], because: 'it must not go forward' },
      { from: status, on: 'release' as const, guard: [held], to: status, again: justMade, does: changes.releaseHold, emits: ['order.released'], because: 'it may go forward again' },
    ]),

    { from: 'delivered', on: 'return', guard: [allCameBack], to: 'returned', again: justMade, emits: ['order.returned'], because: 'all that was delivered has come back' },
    { from: 'delivered', on: 'return_refunded', guard: [restComesBack], to: 'returned', does: changes.takeBack,
      emits: ['order.items_returned', 'order.returned'], because: 'with this return all that was delivered has come back' },
    ...(['processing', 'shipped', 'delivered'] as const).flatMap((status) => [
      { from: status, on: 'return_opened' as const, to: status, does: changes.openReturn, because: 'units of it are on their way back' },
      { from: status, on: 'return_closed' as const, to: status, does: changes.closeReturn, because: 'those units stay with the customer' },
      { from: status, on: 'return_refunded' as const, to: status, does: changes.takeBack, emits: ['order.items_returned'], because: 'units of it came back and their money went back' },
    ]),

    ...orderStatuses.map((status) => ({ from: status, on: 'payment_changed' as const, to: status, does: changes.knowPayment, because: 'the order shows how its money stands' })),
  ],
});
